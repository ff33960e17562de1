"""`make adopt` adds the template to existing services, and loses nothing of them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.adopt.__main__ import main
from extensions.adopt.evidence import Evidence
from extensions.adopt.graft import ADOPTED, PURE, competing
from extensions.adopt.inference import infer
from extensions.questions import ROOT
from extensions.rendering import answers_of
from tests.support.commands import commit, run, succeed
from tests.support.release_history import Tree, tree, update
from tests.support.sample_releases import FIRST, LONGER, NEW, SECOND, whole_template
from tests.support.shared_cache import SharedCache

EXISTING = ROOT / "tests" / "data" / "existing_services"
SERVICES: dict[str, Any] = yaml.safe_load(
    EXISTING.with_suffix(".yml").read_text("utf-8")
)


@pytest.fixture(scope="session")
def template(shared_cache: SharedCache, source: Path) -> Path:
    """Return a read-only template with two releases."""
    return whole_template(shared_cache, source)


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Create a repository of an existing service, with two commits."""
    place = tmp_path / str(request.param)
    place.mkdir()
    succeed(["git", "init", "--quiet"], place)
    (place / "README.md").write_text("# Soon\n", encoding="utf-8")
    commit(place, "Begin")
    shutil.copytree(EXISTING / place.name, place, dirs_exist_ok=True)
    if place.name == "flat":
        # This repository keeps no lock that names a registry, not even an empty one.
        (place / "uv.lock").write_text("version = 1\n", encoding="utf-8")
    commit(place, "Write")
    return place


every_service = pytest.mark.parametrize("service", SERVICES, indirect=True)
# The other one has a package `app` already.
movable = pytest.mark.parametrize("service", ["flat", "layered"], indirect=True)
one_service = pytest.mark.parametrize("service", ["flat"], indirect=True)


def adopt(service: Path, template: Path) -> list[str]:
    """Adopt the first release, and return the files in conflict."""
    options = ["--whole", f"--template={template}", f"--to={FIRST}"]
    assert main([str(service), *options]) == 0
    unmerged = ["git", "diff", "--name-only", "--diff-filter=U"]
    return succeed(unmerged, service).split()


@every_service
def test_answers_are_inferred_from_the_files(service: Path) -> None:
    found = {name: answer for name, (answer, _) in infer(Evidence(service)).items()}

    assert found == SERVICES[service.name]["answers"]


@movable
def test_adoption_keeps_every_file_and_later_updates_work(
    service: Path, template: Path
) -> None:
    before = tree(service)
    start = succeed(["git", "rev-parse", "HEAD"], service).strip()
    both = adopt(service, template)
    assert both and {*SERVICES[service.name]["ours"]} <= {*both}
    assert lost(before, service, both) == []

    resolve(service, both)
    log = succeed(["git", "log", "--format=%H", ADOPTED], service).split()
    assert start in log and len(log) == 4
    assert succeed(["git", "rev-parse", "main"], service).strip() == start

    mine = tree(service)
    update(service, to=SECOND)
    changed = {name for name, file in tree(service).items() if mine.get(name) != file}
    assert changed == {LONGER, ".copier-answers.yml"}
    assert (service / LONGER).read_text(encoding="utf-8").endswith(NEW)
    assert answers_of(service)["_commit"] == SECOND


def lost(before: Tree, service: Path, both: list[str]) -> list[str]:
    """Return the files whose content is neither in the tree nor in a conflict."""
    after, found = tree(service), []
    for name, (_, text) in before.items():
        if name in both:
            shown = succeed(["git", "show", f":2:{name}"], service).encode()
            kept = shown == text and text.splitlines()[0] in after[name][1]
        else:  # An empty file has nothing to lose: the template may fill it.
            kept = not text or after.get(name) == before[name]
        if not kept:
            found.append(name)
    return found


def resolve(service: Path, both: list[str]) -> None:
    """Resolve each conflict with the side that the service wants."""
    for name in both:
        side = "--ours" if name in SERVICES[service.name]["ours"] else "--theirs"
        succeed(["git", "checkout", "--quiet", side, "--", name], service)
    commit(service, "Adopt the template")


@one_service
def test_dry_run_shows_the_answers_and_changes_nothing(
    service: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(service)

    assert main([str(service), "--dry-run"]) == 0
    assert "aiosqlite in pyproject.toml" in capsys.readouterr().out
    assert tree(service) == before
    assert succeed(["git", "branch", "--format=%(refname:short)"], service) == "main\n"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("rm -rf .git", "in no git repository"),
        ("echo x >> README.md", "commit or stash"),
        ("touch .copier-answers.yml; git add .; git commit -qm x", "it is adopted"),
        (f"git branch {PURE}", f"has a branch {PURE}"),
        (
            "echo /Makefile > .gitignore; git add .; git commit -qm x; touch Makefile",
            "git ignores Makefile",
        ),
        ("echo '[' > pyproject.toml; git commit -qam x", "pyproject.toml"),
        (
            "perl -pi -e s/link_shortener/fastapi/ pyproject.toml; git commit -qam x",
            "fastapi",
        ),
        ("mkdir app; touch app/a.py; git add .; git commit -qm x", "it has app"),
        (
            "mkdir -p db/versions; git mv db.py db/versions/1.py;"
            " printf 'revision = \"1\"\\ndown_revision = None' >> db/versions/1.py;"
            " git commit -qam x",
            "it has migrations in db/versions",
        ),
        (
            "perl -pi -e s/aiosqlite/aiomysql/ pyproject.toml; git commit -qam x",
            "database is mysql (aiomysql in pyproject.toml)",
        ),
        (
            "perl -pi -e s/3.12/3.10/ pyproject.toml; git commit -qam x",
            "python_version is 3.10 (pyproject.toml, project.requires-python)",
        ),
        (
            "echo 'GNU AFFERO GENERAL PUBLIC LICENSE' > LICENSE; git commit -qam x",
            "license is AGPL-3.0 (LICENSE)",
        ),
    ],
)
@one_service
def test_adoption_is_refused_in_one_line(
    spoil: str,
    reason: str,
    service: Path,
    template: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    succeed(["bash", "-c", spoil], service)
    before = tree(service)
    capsys.readouterr()

    assert main([str(service), "--whole", f"--template={template}"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert reason in line
    assert tree(service) == before
    assert run(["git", "rev-parse", "--verify", ADOPTED], service).returncode != 0


@pytest.mark.parametrize("repository", ["", "nowhere"])
def test_missing_repository_is_refused(
    repository: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([repository]) == 1
    assert "REPO=path" in capsys.readouterr().err


def test_files_for_the_same_purpose_are_named(tmp_path: Path) -> None:
    for name in ("compose.yaml", "pyproject.toml", ".github/workflows/ci.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    own = ["docker-compose.yml", "pyproject.toml", ".github/workflows/test.yml"]

    assert competing(tmp_path, own) == [
        "compose.yaml is new beside docker-compose.yml: keep one of them",
        ".github/workflows/ci.yaml is new beside .github/workflows/test.yml:"
        " keep one of them",
    ]
