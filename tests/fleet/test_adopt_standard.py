"""`make adopt` adds the standard without the application to many repositories."""

import shlex
from pathlib import Path

import pytest
import yaml

from extensions.adopt.__main__ import main
from extensions.adopt.addition import ADDED
from tests.support.commands import commit, run, succeed
from tests.support.fixture_types import Project
from tests.support.release_history import Tree, tree
from tests.support.sample_releases import FIRST, SECOND, release_twice
from tests.support.sample_repositories import KINDS, Kind, kind, refused
from tests.support.shared_cache import SharedCache

REFUSED = refused()
LATER = "2999-12-31"
# The representative of every day: the layout with most differences.
DAILY = "uv_src"
nightly = [
    it if it == DAILY else pytest.param(it, marks=pytest.mark.nightly) for it in KINDS
]
# Of the files of a repository, these may get new lines at their end.
SHARED = {"Makefile", "pyproject.toml"}


def grow(place: Path) -> None:
    """Change a file of the standard in the second release."""
    with (place / "adopted/standards/tools.toml.jinja").open("a") as file:
        file.write("# The next release.\n")


@pytest.fixture(scope="session")
def template(shared_cache: SharedCache, source: Path) -> Path:
    """Return a read-only template with two releases of the standard."""

    def make(place: Path) -> None:
        succeed(["git", "clone", "--quiet", source, place], source)
        release_twice(place, grow)

    return shared_cache.once("template-of-the-standard", make)


@pytest.fixture(scope="session")
def environment(project: Project) -> Path:
    """Return an environment with the tools of the gates and the libraries of tests."""
    return project() / ".venv"


def adopt(folder: Path, template: Path, *options: str) -> int:
    """Adopt the first release of the standard."""
    return main([str(folder), f"--template={template}", f"--to={FIRST}", *options])


def own_tests(environment: Path) -> str:
    """Return the command of a repository's own tests."""
    python = shlex.quote(str(environment / "bin/python"))
    return f"--check={python} -B -m pytest -q -p no:cacheprovider"


def use(environment: Path, folder: Path) -> None:
    """Let an adopted repository use tools that are installed already."""
    (folder / "standards/.venv").symlink_to(environment)
    (folder / "standards/.installed").touch()


def lint(folder: Path) -> str:
    """Run the gates. Returns the output if they pass, else nothing."""
    done = run(["make", "--file", "standards/tasks.mk", "lint", "TAKEN="], folder)
    return "" if done.returncode else done.stdout


def changed(before: Tree, after: Tree) -> set[str]:
    """Return the files that an adoption changed or deleted."""
    return {name for name, file in before.items() if after.get(name) != file}


@pytest.mark.parametrize("name", KINDS)
def test_dry_run_shows_what_is_known_and_writes_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = kind(name)
    folder = sample.write(tmp_path)
    index = (tmp_path / ".git/index").read_bytes()
    (tmp_path / next(iter(sample.files))).touch()  # Git would write its index anew.
    before = tree(tmp_path)
    capsys.readouterr()

    assert main([str(folder), "--dry-run"]) == 0
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    shown = {name: text.split("  ")[0] for name, text in rows}
    assert sample.known.items() <= shown.items()
    assert "nothing indicates" not in str(rows)
    assert tree(tmp_path) == before
    assert (tmp_path / ".git/index").read_bytes() == index


@pytest.mark.parametrize("name", nightly)
def test_adopted_repository_works_as_before_and_its_gates_pass(
    name: str,
    tmp_path: Path,
    template: Path,
    environment: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One long test, because each step needs the one before."""
    sample = kind(name)
    folder = sample.write(tmp_path)
    before = tree(tmp_path)
    capsys.readouterr()

    assert adopt(folder, template, own_tests(environment)) == 0
    output = capsys.readouterr().out
    [first] = [
        line.split(maxsplit=1)[1]
        for line in output.splitlines()
        if "    before" in line
    ]
    assert f"after     {first}" in output and "passed" in first
    assert changed(before, tree(tmp_path)) <= {
        f"{sample.folder}/{it}".strip("/") for it in SHARED
    }
    for file in SHARED & {*sample.files}:
        kept = before[file][1].rstrip()
        assert (folder / file).read_bytes().startswith(kept)

    use(environment, folder)
    adopted = tree(tmp_path)
    reports = []
    for _ in "12":
        assert main([str(folder), "--report"]) == 0
        reports.append(capsys.readouterr().out.splitlines())
    assert reports[0] == reports[1] and tree(tmp_path) == adopted

    assert not lint(folder)
    assert main([str(folder), "--report", f"--waive-until={LATER}"]) == 0
    text = (folder / "standards/baseline.yml").read_text(encoding="utf-8")
    assert "&" not in text and "*id" not in text
    assert "put off" in lint(folder)

    plant(
        folder / yaml.safe_load(text)["flake8"]["findings"].popitem()[0].split(":")[0]
    )
    assert not lint(folder)
    succeed(["git", "checkout", "--quiet", "."], folder)

    commit(tmp_path, "Put off")
    options = "ARGS=--no-gates"
    makefile = ["--file", "standards/tasks.mk"]
    succeed(["make", *makefile, "update", "TAKEN=", options], folder)
    status = succeed(["git", "status", "--porcelain"], folder)
    paths = {line[3:] for line in status.splitlines()}
    prefix = f"{sample.folder}/" if sample.folder else ""
    assert paths == {f"{prefix}.copier-answers.yml", f"{prefix}standards/tools.toml"}
    assert f"_commit: {SECOND}" in (folder / ".copier-answers.yml").read_text("utf-8")


def plant(module: Path) -> None:
    """Write a violation that was not there at the adoption."""
    module.write_text(f"import  os\n{module.read_text(encoding='utf-8')}", "utf-8")


@pytest.mark.parametrize("name", REFUSED)
def test_repository_is_refused_in_one_line_and_stays(
    name: str, tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    REFUSED[name].write(tmp_path)
    before = tree(tmp_path)
    head = succeed(["git", "rev-parse", "HEAD"], tmp_path)
    capsys.readouterr()

    assert adopt(tmp_path, template) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert REFUSED[name].reason in line
    assert tree(tmp_path) == before
    assert succeed(["git", "branch", "--show-current"], tmp_path) == "main\n"
    assert succeed(["git", "rev-parse", "HEAD"], tmp_path) == head


def test_settings_and_hooks_of_git_do_not_matter(
    tmp_path: Path, template: Path
) -> None:
    folder = kind("requirements_modules").write(tmp_path)
    for hook in ("pre-commit", "commit-msg", "post-checkout", "post-merge"):
        file = tmp_path / ".git/hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        file.chmod(0o755)
    for setting in ("merge.ff=only", "commit.gpgSign=true", "core.autocrlf=true"):
        succeed(["git", "config", *setting.split("=")], tmp_path)

    assert adopt(folder, template) == 0
    assert succeed(["git", "branch", "--show-current"], tmp_path) == f"{ADDED}\n"
    assert succeed(["git", "status", "--porcelain"], tmp_path) == ""


def test_adoption_is_undone_if_own_tests_give_another_result(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = kind("requirements_modules").write(tmp_path)
    before = tree(tmp_path)

    assert adopt(folder, template, "--check=test ! -e standards") == 1
    assert "another result: nothing is changed" in capsys.readouterr().err
    assert tree(tmp_path) == before
    branches = ["git", "branch", "--format=%(refname:short)"]
    assert succeed(branches, tmp_path) == "main\n"


def test_package_alone_at_the_top_is_named_for_setuptools(
    tmp_path: Path, template: Path
) -> None:
    project = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["fastapi"]\n'
    files = {"shop/__init__.py": "", "shop/main.py": "import fastapi\n"}
    Kind({**files, "pyproject.toml": project}).write(tmp_path)

    assert adopt(tmp_path, template) == 0
    text = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    assert '[tool.setuptools.packages.find]\ninclude = ["shop*"]' in text
