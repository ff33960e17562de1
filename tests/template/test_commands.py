"""Commands of the template repository, and their error messages."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from extensions import service
from extensions.answers import read_answers
from extensions.interpreters import locate
from extensions.questions import ROOT
from tests.support.commands import succeed
from tests.support.fixture_types import Run

# An edited pyproject.toml does not replace the environment that the tests run in.
MAKE = ["make", "--assume-old=pyproject.toml"]
# The PATH without its first folder, which has the tools of the tests.
WITHOUT_TOOLS = {"PATH": os.environ["PATH"].partition(os.pathsep)[2]}


def refusal(
    capsys: pytest.CaptureFixture[str], destination: Path, answers: Path | str = ""
) -> str:
    """Return the one line in which `make service` refuses."""
    assert service.main(str(destination), str(answers)) != 0
    captured = capsys.readouterr()
    [line] = captured.err.splitlines()
    assert captured.out == ""
    return line


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Return the path of a file of answers that does not exist."""
    return tmp_path / "answers.yml"


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    """Return a path in a folder that does not exist."""
    return tmp_path / "not" / "yet" / "service"


def test_make_service_installs_a_project_and_ends_with_the_next_steps(
    tmp_path: Path, run: Run
) -> None:
    place = tmp_path / "it's a service"
    (tmp_path / "answers.yml").write_text("project_name: Shop\n", encoding="utf-8")
    arguments = [f"DEST={place}", f"ANSWERS={tmp_path}/answers.yml"]
    made = run([*MAKE, "service", *arguments], ROOT, WITHOUT_TOOLS)
    recorded = yaml.safe_load((place / ".copier-answers.yml").read_text("utf-8"))
    enter, *steps = made.stdout.strip().splitlines()[-5:]
    commands = [step.partition("#")[0].strip() for step in steps]
    pasted = f"{enter} && {steps[0]}\nmake --dry-run check && uv run --locked python -V"

    assert made.returncode == 0
    assert recorded["project_name"] == "Shop"
    assert Path(recorded["_src_path"]) == ROOT
    assert (place / ".venv").is_dir()
    assert commands == [*service.NEXT_STEPS]
    assert len(made.stdout.splitlines()) < 12
    assert run(["sh", "-ec", pasted], ROOT, WITHOUT_TOOLS).returncode == 0
    assert (place / ".git" / "hooks" / "pre-commit").exists()


def test_failed_installation_is_printed_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    makefile = "install:\n\t@echo out; echo err >&2; exit 3\n"
    (tmp_path / "Makefile").write_text(makefile, encoding="utf-8")

    assert service.install(tmp_path, {}) == 2
    assert {"out", "err"} <= {*capsys.readouterr().err.splitlines()}


@pytest.mark.nightly
def test_make_service_works_on_a_fresh_machine(
    source: Path, tmp_path: Path, run: Run
) -> None:
    succeed(["git", "clone", "--quiet", source, "fresh"], tmp_path)
    (tmp_path / "home").mkdir()
    fresh = WITHOUT_TOOLS | {"HOME": str(tmp_path / "home")}

    assert run(["make", "service"], tmp_path / "fresh", fresh).returncode == 0


def test_non_empty_destination_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").touch()

    assert "not empty" in refusal(capsys, tmp_path)
    assert "not empty" in refusal(capsys, tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a list\n", "question: answer"),
        ("a: [\n", "expected"),
        ("databse: sqlite\n", "databse"),
        ("github: true\n", "github"),
        ("project_slug: app\n", "Validation error for question 'project_slug'"),
        ("python_version: '2.7'\n", "Invalid choice for 'python_version'"),
        ("license: [MIT]\n", "answers.yml: license is no text: enter one of propri"),
        ("python_version: 3.10\n", "python_version is no text: enter one of 3.12, "),
        ("ci: no\n", "ci is no text: enter one of github, gitlab, none"),
        ("project_name: yes\n", 'in quotes, as in project_name: "…"'),
        ("project_name: 2024-01-01\n", "answers.yml: project_name is no text: "),
        ("project_name: 2024-13-01\n", "not a YAML file"),
        ("project_description: [a, b]\n", "project_description is no text: "),
        ("project_slug: {a: b}\n", "project_slug is no text: "),
        ("author_name:\n", "author_name is no text: "),
        ("auth: [yes]\n", "auth is neither yes nor no: enter yes or no"),
        ("auth: yes\nauth: no\n", "answers.yml: auth is answered twice: keep one"),
    ],
)
def test_invalid_answers_are_refused(
    text: str,
    words: str,
    answers: Path,
    destination: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers.write_text(text, encoding="utf-8")

    assert words in refusal(capsys, destination, answers)
    assert not destination.parent.parent.exists()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", {}),
        ("# Nothing is known better.\n", {}),
        ("python_version: 3.13\n", {"python_version": 3.13}),
        ("auth: 0\n", {"auth": 0}),
    ],
)
def test_answers_may_be_empty_or_unquoted(
    text: str, read: dict[str, object], answers: Path
) -> None:
    answers.write_text(text, encoding="utf-8")

    assert read_answers(str(answers)) == read


def test_missing_answers_file_is_refused(
    answers: Path, destination: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert str(answers) in refusal(capsys, destination, answers)
    assert not destination.parent.parent.exists()


def test_machine_without_git_is_refused(
    destination: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    assert "install it" in refusal(capsys, destination)
    assert not destination.parent.parent.exists()


@pytest.fixture
def old_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide all interpreters of projects, and forbid downloads; git stays on PATH."""
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    for name in ("HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path


def test_machine_without_a_new_interpreter_is_refused(
    old_machine: Path, destination: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, destination)

    assert "Python 3.13" in line and "https://www.python.org" in line
    assert not destination.parent.parent.exists()


def test_interpreter_of_pyenv_is_passed_to_the_project(old_machine: Path) -> None:
    interpreters = old_machine / "home" / "versions" / "3.11.0" / "bin"
    assert locate("3.11") is None

    interpreters.mkdir(parents=True)
    (interpreters / "python3.11").symlink_to(ROOT / ".venv" / "bin" / "python")

    assert locate("3.11") == {"UV_PYTHON": str(interpreters / "python3.11")}
