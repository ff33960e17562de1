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
# What judges one file at a time, and so can judge ordinary code beside the project's.
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
def tools(workshop: Path) -> Path:
    """Return the folder of a project's locked tools."""
    return workshop / ".venv/bin"


@pytest.fixture(scope="module")
def street(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with ordinary code added to it."""
    place = tmp_path_factory.mktemp("street") / "project"
    hidden = shutil.ignore_patterns(".venv", ".git", ".mypy_cache")
    shutil.copytree(workshop, place, ignore=hidden)
    shutil.copytree(CORPUS, place, dirs_exist_ok=True)
    return place


def test_every_rule_shows_what_it_is_about() -> None:
    assert RULES.keys() == SNIPPETS.keys()
    assert [name for name, one in SNIPPETS.items() if not one["invalid"]] == []
    # Of the name of a file a snippet shows nothing.
    silent = [name for name, one in SNIPPETS.items() if not one["valid"]]
    assert silent == ["NAME-06"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_belongs_to_the_catalogue(name: str, render: Project) -> None:
    written = (render() / "standards/catalogue.yml").read_text(encoding="utf-8")
    gates = {entry["id"]: entry.get("gate") for entry in yaml.safe_load(written)}

    assert gates[name.partition(".")[0]] == "ast-grep"


def test_rules_find_their_own_snippets_and_no_others(tools: Path, run: Run) -> None:
    command = ["test", "--config", "sgconfig.yml", "--skip-snapshot-tests"]

    tested = run([tools / "ast-grep", *command], DATA)

    assert tested.returncode == 0
    assert f"{len(RULES)} passed; 0 failed" in tested.stdout


@pytest.mark.parametrize("cell", CELLS)
def test_every_project_is_silent(
    cell: str, render: Project, tools: Path, run: Run
) -> None:
    assert run([tools / "ast-grep", *SCAN], render(CELLS[cell])).returncode == 0


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge[0])
def test_ordinary_code_is_let_pass(
    judge: list[str], street: Path, tools: Path, run: Run
) -> None:
    name, *options = judge

    assert run([tools / name, *options, *ORDINARY], street).returncode == 0


def test_ordinary_code_is_looked_at(street: Path, tools: Path, run: Run) -> None:
    worse = street / "app/services/worse.py"
    worse.write_text("print(1)\n", encoding="utf-8")
    judged = run([tools / "ast-grep", *SCAN], street)
    worse.unlink()

    assert judged.returncode == 1
    assert "error[LOG-02]" in judged.stdout


def test_a_name_of_a_file_or_a_folder_is_judged(
    street: Path, tools: Path, run: Run
) -> None:
    for name in ("app/services/itemPrices.py", "app/Prices/low.py", "app/my-prices.py"):
        bad = street / name
        bad.parent.mkdir(exist_ok=True)
        bad.write_text("LOWEST = 0\n", encoding="utf-8")
        judged = run([tools / "ast-grep", *SCAN], street)
        bad.unlink()

        assert f"{name}:1:1" in judged.stdout
        assert "error[NAME-06]" in judged.stdout
