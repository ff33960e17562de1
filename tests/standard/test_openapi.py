"""The gate of `openapi.json`: what a team reads, types and commits."""

import json
import shutil
from pathlib import Path
from typing import cast

import pytest

from tests.support.commands import commit, succeed
from tests.support.copies import clone
from tests.support.fixture_types import Project, Run

CHECK = [".venv/bin/python", "-m", "standards.contract"]
ROUTER = "app/api/v1/items.py"
GONE = "openapi.json: breaks clients: GET /api/v1/items: is gone"
ACCEPT = ["make", "openapi", "ARGS=--accept"]


@pytest.fixture
def repository(branch: Project) -> Path:
    """Return an installed project with its first commit, on a branch."""
    return branch()


def edit(project: Path, old: str, new: str, file: str = ROUTER) -> None:
    """Replace a text, which the file has once."""
    text = (project / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (project / file).write_text(text.replace(old, new), encoding="utf-8")


def remove_list(project: Path) -> None:
    """Remove the route that lists the items, on a branch."""
    edit(project, '@router.get("")\n', "")
    succeed(["make", "openapi"], project)
    commit(project)


def test_installed_project_has_its_schema(repository: Path, run: Run) -> None:
    (repository / ".env").write_text("API_DOCS=nonsense\n", encoding="utf-8")

    assert run(CHECK, repository, {"ENVIRONMENT": "production"}).returncode == 0
    assert succeed(["git", "status", "--porcelain"], repository) == ""


@pytest.mark.parametrize("is_there", [True, False])
def test_schema_of_other_code_names_the_command(
    is_there: bool, repository: Path, run: Run
) -> None:
    edit(repository, '"""Store a new item."""', '"""Store an item."""')
    if not is_there:
        (repository / "openapi.json").unlink()
    checked = run(CHECK, repository)

    assert checked.returncode != 0
    assert (
        "openapi.json: the code has another schema: run make openapi" in checked.stdout
    )
    succeed(["make", "openapi"], repository)
    assert run(CHECK, repository).returncode == 0


def accepted(project: Path) -> dict[str, str]:
    """Return the reasons in the file, by their breaks."""
    schema = json.loads((project / "openapi.json").read_text(encoding="utf-8"))
    return cast("dict[str, str]", schema.get("x-accepted-breaks", {}))


def test_break_fails_until_it_is_accepted_with_a_reason(
    repository: Path, run: Run
) -> None:
    remove_list(repository)

    assert run(CHECK, repository).stdout.splitlines() == [GONE]
    assert "the reason is missing" in run(ACCEPT, repository).stderr
    assert accepted(repository) == {}
    succeed([*ACCEPT, "REASON=no client lists items"], repository)
    reasons = {"GET /api/v1/items: is gone": "no client lists items"}
    assert accepted(repository) == reasons
    assert run(CHECK, repository).returncode == 0
    succeed(["make", "openapi"], repository)
    assert accepted(repository) == reasons

    # When the base has the change, the entry accepts nothing, and is removed.
    commit(repository)
    succeed(["git", "checkout", "--quiet", "main"], repository)
    succeed(["git", "merge", "--quiet", "change"], repository)
    assert run(CHECK, repository, {"BASE_REVISION": "HEAD^1"}).returncode == 0
    succeed(["git", "checkout", "--quiet", "-b", "next"], repository)
    assert run(CHECK, repository).returncode == 0
    succeed(["make", "openapi"], repository)
    assert accepted(repository) == {}


def test_entry_of_an_earlier_change_accepts_nothing(repository: Path, run: Run) -> None:
    remove_list(repository)
    succeed([*ACCEPT, "REASON=last year"], repository)
    commit(repository)
    edit(repository, "async def list_items(", '@router.get("")\nasync def list_items(')
    succeed(["make", "openapi"], repository)
    schema = json.loads((repository / "openapi.json").read_text(encoding="utf-8"))
    schema["x-accepted-breaks"] = {GONE.partition("clients: ")[2]: "last year"}
    (repository / "openapi.json").write_text(json.dumps(schema), encoding="utf-8")
    commit(repository)
    succeed(["git", "branch", "--force", "main"], repository)
    edit(repository, '@router.get("")\n', "")

    assert GONE in run(CHECK, repository).stdout


def test_conflict_in_the_file_is_written_over(repository: Path, run: Run) -> None:
    file = repository / "openapi.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"<<<<<<< a\n{text}=======\n{text}>>>>>>> b\n", encoding="utf-8")

    assert "run make openapi" in run(CHECK, repository).stdout
    succeed(["make", "openapi"], repository)
    assert file.read_text(encoding="utf-8") == text


def test_first_check_of_a_fresh_project_needs_no_commit(
    repository: Path, run: Run
) -> None:
    shutil.rmtree(repository / ".git")
    assert run(CHECK, repository).returncode == 0

    succeed(["git", "init", "--quiet", "-b", "main"], repository)
    assert run(CHECK, repository).returncode == 0


def test_optional_addition_passes(repository: Path, run: Run) -> None:
    field = "    color: str | None = None\n"
    schemas = repository / "app/schemas/item.py"
    text = schemas.read_text(encoding="utf-8")
    anchor = "class ItemCreate(RequestModel):\n"
    at = text.index('"""\n', text.index(anchor)) + 4
    schemas.write_text(text[:at] + "\n" + field + text[at:], encoding="utf-8")
    succeed(["make", "openapi"], repository)

    assert '"color"' in (repository / "openapi.json").read_text(encoding="utf-8")
    assert run(CHECK, repository).returncode == 0


def test_shallow_clone_without_its_base_fails(
    repository: Path, tmp_path: Path, run: Run
) -> None:
    remove_list(repository)
    results = {}
    for depth in ("1", "2"):
        place = clone(repository, tmp_path / f"depth{depth}", f"--depth={depth}")
        results[depth] = run(CHECK, place, {"BASE_REVISION": "HEAD^1"})

    assert results["1"].returncode == 1
    assert "HEAD^1 is not in this clone: fetch more commits" in results["1"].stderr
    assert results["2"].stdout.splitlines() == [GONE]


def test_equal_names_of_functions_are_found(repository: Path, run: Run) -> None:
    edit(repository, "async def read_item(", "async def live(")
    checked = run(CHECK, repository)

    assert checked.returncode == 1
    assert "Duplicate Operation ID live" in checked.stderr


def test_schema_lists_operations_and_error_codes_of_the_team(repository: Path) -> None:
    with (repository / "app/services/items.py").open("a", encoding="utf-8") as file:
        file.write('\n\nclass LampError(ItemNotFoundError):\n    code = "lamp_off"\n')
    succeed(["make", "openapi"], repository)
    schema = json.loads((repository / "openapi.json").read_text(encoding="utf-8"))
    codes = schema["components"]["schemas"]["Problem"]["properties"]["error"]["enum"]
    operations = [it for node in schema["paths"].values() for it in node.values()]

    assert codes == sorted(codes)
    assert {"lamp_off", "item_not_found", "invalid_request", "draining"} <= {*codes}
    assert {"list_items", "log_in", "ready"} <= {it["operationId"] for it in operations}
