"""The checks of settings, hooks and pipelines in `standards/` find violations."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from extensions.rendering import Answers
from tests.support.commands import succeed
from tests.support.fixture_types import Copy, Project, Run
from tests.support.shared_cache import key
from tests.support.violations import mend

CI, GITLAB = ".github/workflows/ci.yaml", ".gitlab-ci.yml"
HOOKS, PYPROJECT = ".pre-commit-config.yaml", "pyproject.toml"
BLACK = 'run: "uv run --locked black --check . || $WAIVED black"'
REPOSITORY = """repos:
  - repo: https://github.com/psf/black
    rev: 26.10.1
    hooks:
      - id: black
"""


DATA = Path(__file__).parents[1] / "data/violations/settings"
SETTINGS = [yaml.safe_load(path.read_bytes()) for path in sorted(DATA.glob("*.yml"))]
# The answers, the rule, the file, what is replaced in it, and by what.
Row = tuple[Answers, str, str, str, str]


def findings(project: Path, run: Run) -> str:
    """Run the checks."""
    return run([sys.executable, "-m", "standards.project"], project).stdout


def change(project: Path, file: str, old: str, new: str) -> None:
    """Replace a text that is there once, or write a file and add it to git."""
    path = project / file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if old else ""
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    succeed(["git", "add", "--force", file], project)


def weaker() -> Iterator[object]:
    """Give all settings that are too weak; every push proves one of each rule."""
    proved: set[str] = set()
    for data in SETTINGS:
        for row in data["weaker"]:
            marks = [pytest.mark.nightly] if row[0] in proved else []
            proved.add(row[0])
            yield pytest.param((data["answers"], *row), marks=marks)


@pytest.fixture(scope="module")
def committed(
    copy: Copy, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Answers], Path]:
    """Give a committed project, whose changes are taken back afterwards."""
    made: dict[str, Path] = {}

    def committed(answers: Answers) -> Path:
        if (name := key(answers)) not in made:
            made[name] = copy(tmp_path_factory.mktemp("checked") / "project", answers)
            for command in ("init", "add .", "commit -m Rendered"):
                succeed(["git", *command.split()], made[name])
        return made[name]

    return committed


@pytest.mark.parametrize("row", [*weaker()], ids=lambda row: f"{row[1]} {row[4]!r}")
def test_weaker_setting_is_found(
    row: Row, committed: Callable[[Answers], Path], run: Run
) -> None:
    project = committed(row[0])
    change(project, *row[2:])
    found = findings(project, run)
    mend(project)

    assert f"{row[1]}: " in found


@pytest.mark.parametrize(
    "row",
    [(data["answers"], *row) for data in SETTINGS for row in data["as_strict"]],
    ids=lambda row: repr(row[3]),
)
def test_stricter_setting_is_accepted(
    row: tuple[Answers, str, str, str],
    committed: Callable[[Answers], Path],
    run: Run,
) -> None:
    project = committed(row[0])
    change(project, *row[1:])
    found = findings(project, run)
    mend(project)

    assert found == ""


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (PYPROJECT, '".venv", "alembic"]', '".venv", "alembic", "scripts"]'),
        (PYPROJECT, "line-length = 88\nt", "line-length = 88\npreview = false\nt"),
        (PYPROJECT, 'requires-python = ">=3.13"', 'requires-python = ">=3.14,<4"'),
        (PYPROJECT, '"uvicorn[standard]>=0.54,<1"', '"uvicorn[standard]==0.54.1"'),
        (CI, BLACK, "run: uv run black . --check --diff"),
        (CI, BLACK, "run: .venv/bin/black --check ."),
        (
            CI,
            BLACK,
            "run: |\n          echo checking\n          uv run black --check .",
        ),
        (CI, BLACK, 'run: uv run black --check . && echo "formatted"'),
        (CI, "fail_ci_if_error: false", "fail_ci_if_error: true"),
        (HOOKS, "repos:\n", REPOSITORY),
        (
            HOOKS,
            'entry: "uv run --locked isort"',
            "entry: uv run isort --profile black",
        ),
    ],
)
def test_same_meaning_in_other_words_is_accepted(
    file: str, old: str, new: str, copy: Copy, tmp_path: Path, run: Run
) -> None:
    project = copy(tmp_path / "project")
    text = (project / file).read_text(encoding="utf-8")
    (project / file).write_text(text.replace(old, new), encoding="utf-8")

    assert text.count(old) == 1
    assert findings(project, run) == ""


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        ("run: uv run black --check app", "CI-08"),
        ("run: uv run black --check . || true", "CI-08"),
        ("run: uv run black --check . || echo --waived black", "CI-08"),
        ("run: uv run black --check . | cat", "CI-08"),
        ("run: echo black --check .", "CI-08"),
        ("run: uv run black .", "CI-08"),
        (f"if: false\n        {BLACK}", "CI-08"),
        (f"continue-on-error: true\n        {BLACK}", "CI-08"),
    ],
)
def test_command_that_checks_less_is_found(
    new: str, rule: str, copy: Copy, tmp_path: Path, run: Run
) -> None:
    project = copy(tmp_path / "project")
    text = (project / CI).read_text(encoding="utf-8")
    (project / CI).write_text(text.replace(BLACK, new), encoding="utf-8")

    assert text.count(BLACK) == 1
    assert f"{rule}: " in findings(project, run)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"package_manager": "poetry", "ci": "gitlab", "type_checker": "pyright"},
        {"package_manager": "pip", "type_checker": "both"},
        {"package_manager": "pip", "ci": "gitlab", "database": "sqlite"},
    ],
    ids=lambda answers: "-".join(answers.values()),
)
def test_rendered_project_has_no_finding(
    answers: Answers, render: Project, run: Run
) -> None:
    assert findings(render(answers), run) == ""


def test_missing_pipeline_breaks_its_rules(
    copy: Copy, tmp_path: Path, run: Run
) -> None:
    project = copy(tmp_path / "project")
    (project / CI).unlink()
    checked = run([sys.executable, "-m", "standards.project"], project)

    assert checked.returncode == 1
    assert "CI-01: " in checked.stdout


def test_commit_is_rejected_by_a_failing_hook(checkout: Project, run: Run) -> None:
    project = checkout()
    (project / "planted.py").write_text('"""Planted."""\n\nimport os\n')
    succeed(["git", "add", "planted.py"], project)
    committed = run(["git", "commit", "--message", "Planted"], project)

    assert committed.returncode != 0
    assert "F401" in committed.stdout + committed.stderr
