"""`make update` is refused in one line, with nothing changed, where it can not work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.rendering import answers_of, render
from tests.support import sample_releases
from tests.support.commands import append, commit, succeed
from tests.support.release_history import adopt, tree
from tests.support.sample_releases import FIRST, LONGER, MERGE, MINE, SECOND, upkeep
from tests.support.shared_cache import SharedCache

ANSWERS = ".copier-answers.yml"
BACK = f"git checkout HEAD -- {ANSWERS}"


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Create a project of the first release, when the second one is out."""
    return sample_releases.service(shared_cache, source, tmp_path / "service")


def no_git(service: Path) -> None:
    """Remove the repository."""
    (service / ".git").rename(service.parent / "git")


def hide_untracked(service: Path) -> None:
    """Create a file, and hide untracked files in the settings of git."""
    (service / "new.py").touch()
    succeed(["git", "config", "status.showUntrackedFiles", "no"], service)


def write_answers(pattern: str, words: str, service: Path) -> None:
    """Change the answers file, and commit it."""
    sample_releases.substitute(service / ANSWERS, pattern, words)
    commit(service)


def move(service: Path, *how: str, scheme: str = "") -> Path:
    """Clone the template, let the project follow the clone, and return it."""
    clone = service.parent / "clone"
    url = f"file://{answers_of(service)['_src_path']}"
    succeed(["git", "clone", "--quiet", *how, url, clone], service)
    write_answers("_src_path: .*", f"_src_path: {scheme}{clone}", service)
    return clone


def lose_answers(service: Path) -> None:
    """Delete the answers file, and commit that."""
    (service / ANSWERS).unlink()
    commit(service)


REFUSALS: dict[str, tuple[Callable[[Path], object], str]] = {
    "dirty": (lambda it: append(it / LONGER, MINE), "commit or stash"),
    "untracked": (lambda it: (it / "new.py").touch(), "commit or stash"),
    "hidden": (hide_untracked, "commit or stash"),
    "no git": (no_git, "git init"),
    "detached": (
        lambda it: succeed(["git", "checkout", "--quiet", "--detach"], it),
        "git switch --create",
    ),
    "lost": (
        lose_answers,
        "is missing",
    ),
    "just lost": (lambda it: (it / ANSWERS).unlink(), BACK),
    "just edited": (lambda it: append(it / ANSWERS, "port: 1\n"), BACK),
    "no YAML": (lambda it: write_answers(r"\A", "x: [\n", it), "while parsing"),
    "no release": (lambda it: write_answers("_commit: .*\n", "", it), "no _commit"),
    "by hand": (lambda it: write_answers("auth: true", "auth: false", it), "by hand"),
    "skipped": (lambda it: write_answers("v0.0.1", "v0.0.2", it), "by hand"),
    "moved": (lambda it: write_answers("_src_path: .*", "_src_path: /no", it), "moved"),
    "relative": (
        lambda it: write_answers("_src_path: .*", "_src_path: .", it),
        "is relative",
    ),
    "release gone": (lambda it: move(it, "--no-tags"), "v0.0.1"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_project_that_can_not_be_updated_is_refused_in_one_line(
    case: str, service: Path
) -> None:
    spoil, words = REFUSALS[case]
    spoil(service)
    before = tree(service)
    refused = upkeep(service, *MERGE)

    assert refused.returncode == 1
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert tree(service) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "v9.9.9"], "has no v9.9.9: git ls-remote --tags /"),
        (["--data", "type_checker=none"], "type_checker"),
        (
            ["--data", "databse=sqlite"],
            "databse is not asked here; what is: api_keys, auth, ",
        ),
        (
            ["--data", "databse=sqlite", "--to", FIRST],
            "databse is not asked here; what is: api_keys, auth, ",
        ),
        (["--data", "database"], "NAME=ANSWER"),
        (["--undo"], "no update to undo"),
        (["--resume"], "no update to go on with"),
    ],
)
def test_invalid_request_is_refused_and_leaves_no_trace(
    arguments: list[str], words: str, service: Path
) -> None:
    before = tree(service)
    refused = upkeep(service, *MERGE, *arguments)

    assert refused.returncode == 1
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert tree(service) == before


@pytest.mark.parametrize("command", ["update", "drift"])
def test_update_without_git_is_refused(
    command: str, service: Path, tmp_path: Path
) -> None:
    refused = upkeep(service, command, PATH=str(tmp_path))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{command}: git is not on PATH")
    assert len(refused.stderr.splitlines()) == 1


def test_shallow_template_is_refused(service: Path) -> None:
    move(service, "--depth=1")
    refused = upkeep(service, *MERGE)

    assert refused.returncode == 1
    assert "--unshallow" in refused.stderr


def test_release_that_a_shallow_template_lacks_is_refused(service: Path) -> None:
    clone = move(service, "--depth=1", scheme="git+file://")
    refused = upkeep(service, *MERGE)

    assert refused.returncode == 1
    assert f"has no {FIRST}: git ls-remote --tags file://{clone} " in refused.stderr
    assert "--unshallow" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_new_question_can_be_answered(service: Path) -> None:
    template = move(service)
    question = "---\nregion:\n  type: str\n  default: north\n"
    append(template / "copier.yml", question)
    commit(template)
    done = upkeep(service, *MERGE, "--to", "HEAD", "--data", "region=south")

    assert done.returncode == 0
    assert "region: south" in (service / ANSWERS).read_text(encoding="utf-8")


def test_project_of_a_commit_between_two_releases_is_updated(
    service: Path, tmp_path: Path
) -> None:
    template = move(service)
    sample_releases.longer(template)
    commit(template)
    between = adopt(render(tmp_path / "between", source=template))
    later = upkeep(between, *MERGE)
    again = upkeep(between, *MERGE, "--to", "HEAD")

    assert later.returncode == 0
    assert f"Nothing to do: {SECOND}-1-g" in later.stdout
    assert f" follows {SECOND}." in later.stdout
    assert f"_commit: {SECOND}-1-g" in (between / ANSWERS).read_text(encoding="utf-8")
    assert "Nothing to do" in again.stdout
