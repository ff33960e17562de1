"""The ast-grep rules find their violations, and nothing in ordinary code."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.conditional_files import TEMPLATE
from tests.support.fixture_types import Project, Run
from tests.support.matrix import CELLS

CODE = TEMPLATE / "standards/code"
DATA = Path(__file__).parents[1] / "data"
CORPUS = DATA / "corpus"
ORDINARY = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*.py"))
SCAN = ["scan", "--error", "--config", "standards/sgconfig.yml"]
# Tools that check one file at a time, so also ordinary code outside the project's.
JUDGES = [
    ["ast-grep", *SCAN],
    ["black", "--check"],
    ["isort", "--check-only"],
    ["flake8"],
    ["bandit", "--quiet", "--configfile", "pyproject.toml"],
    ["mypy"],
]


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """Map the ID of each YAML document in a folder to the document."""
    return {
        document["id"]: document
        for path in sorted(folder.glob("*.yml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    }


RULES, SNIPPETS = documents(CODE), documents(DATA / "snippets")


@pytest.fixture(scope="module")
def tools(mutable_project: Path) -> Path:
    """Return the folder of a project's locked tools."""
    return mutable_project / ".venv/bin"


@pytest.fixture(scope="module")
def ordinary_project(
    mutable_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a project with ordinary code added to it."""
    place = tmp_path_factory.mktemp("ordinary_project") / "project"
    hidden = shutil.ignore_patterns(".venv", ".git", ".mypy_cache")
    shutil.copytree(mutable_project, place, ignore=hidden)
    shutil.copytree(CORPUS, place, dirs_exist_ok=True)
    return place


def test_every_rule_has_valid_and_invalid_code() -> None:
    assert RULES.keys() == SNIPPETS.keys()
    assert [name for name, one in SNIPPETS.items() if not one["invalid"]] == []
    # A rule about file names has no snippets of code.
    silent = [name for name, one in SNIPPETS.items() if not one["valid"]]
    assert silent == ["NAME-06"]


@pytest.mark.parametrize("name", RULES)
def test_rule_is_in_the_catalogue(name: str, render: Project) -> None:
    written = (render() / "standards/catalogue.yml").read_text(encoding="utf-8")
    gates = {entry["id"]: entry.get("gate") for entry in yaml.safe_load(written)}

    assert gates[name.partition(".")[0]] == "ast-grep"


def test_rules_find_their_own_snippets_and_no_others(tools: Path, run: Run) -> None:
    command = ["test", "--config", "sgconfig.yml", "--skip-snapshot-tests"]

    tested = run([tools / "ast-grep", *command], DATA)

    assert tested.returncode == 0
    assert f"{len(RULES)} passed; 0 failed" in tested.stdout


@pytest.mark.parametrize("cell", CELLS)
def test_no_rule_finds_a_fault_in_a_rendered_project(
    cell: str, render: Project, tools: Path, run: Run
) -> None:
    assert run([tools / "ast-grep", *SCAN], render(CELLS[cell])).returncode == 0


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge[0])
def test_ordinary_code_passes_every_rule(
    judge: list[str], ordinary_project: Path, tools: Path, run: Run
) -> None:
    name, *options = judge

    assert run([tools / name, *options, *ORDINARY], ordinary_project).returncode == 0


def test_ordinary_code_is_scanned(
    ordinary_project: Path, tools: Path, run: Run
) -> None:
    worse = ordinary_project / "app/services/worse.py"
    worse.write_text("print(1)\n", encoding="utf-8")
    judged = run([tools / "ast-grep", *SCAN], ordinary_project)
    worse.unlink()

    assert judged.returncode == 1
    assert "error[LOG-02]" in judged.stdout


def test_names_of_files_and_folders_are_checked(
    ordinary_project: Path, tools: Path, run: Run
) -> None:
    for name in ("app/services/itemPrices.py", "app/Prices/low.py", "app/my-prices.py"):
        bad = ordinary_project / name
        bad.parent.mkdir(exist_ok=True)
        bad.write_text("LOWEST = 0\n", encoding="utf-8")
        judged = run([tools / "ast-grep", *SCAN], ordinary_project)
        bad.unlink()

        assert f"{name}:1:1" in judged.stdout
        assert "error[NAME-06]" in judged.stdout
