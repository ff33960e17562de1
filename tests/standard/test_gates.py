"""A generated project passes its gates, and its gates find planted faults."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.commands import succeed
from tests.support.fixture_types import Copy, Project, Run
from tests.support.matrix import CELLS, DAILY, GATED, whole
from tests.support.shared_cache import SharedCache, locks


@dataclass(frozen=True)
class Fault:
    """A file that a gate rejects, and the expected finding."""

    gate: str
    file: str
    text: str
    finding: str


PLANTED = "app/core/planted.py"
DOC = '"""A planted fault."""\n'
UNTYPED = f"""{DOC}
from app.core.drain import Drain

X: int = "text"


def y(drain: Drain) -> object:
    return drain._requests


def z(value) -> None: ...
"""
FAULTS = [
    Fault("black", PLANTED, f"{DOC}\nX = {{ }}\n", "would reformat"),
    Fault(
        "isort",
        PLANTED,
        f'{DOC}\nimport sys\nimport os\n\n__all__ = ["os", "sys"]\n',
        "incorrectly sorted",
    ),
    Fault("flake8", PLANTED, f"{DOC}\nimport os\n", "F401"),
    Fault("flake8", PLANTED, "X = 1\n", "D100"),
    Fault("flake8", PLANTED, f"{DOC}\n\nclass small:\n    {DOC}", "N801"),
    Fault(
        "import-linter",
        PLANTED,
        f'{DOC}\nfrom app.api import health\n\n__all__ = ["health"]\n',
        "BROKEN",
    ),
    Fault(
        "bandit",
        PLANTED,
        f'{DOC}\nfrom hashlib import md5\n\nX = md5(b"text").hexdigest()\n',
        "B324",
    ),
    Fault(
        "leaked-keys",
        "planted.yaml",
        # Concatenated, so that this file contains no key.
        f"key: {'AKIA'}QYLPMN5HHHFPZAM2\n",
        "planted.yaml:1",
    ),
    Fault(
        "check-merge-conflict",
        "planted.md",
        "<<<<<<< before updating\nours\n=======\ntheirs\n>>>>>>> after updating\n",
        "planted.md:1:<<<<<<< before updating",
    ),
    Fault(
        "unit",
        "tests/unit/test_planted.py",
        f"{DOC}\n\ndef test_one_is_two() -> None:\n    assert 1 == 2\n",
        "test_one_is_two",
    ),
]
AMISS = f'{DOC}\nX: int = "text";\n'
# A part of `make check`, and the expected output when one of its gates fails.
MADE = [
    Fault("lint", PLANTED, AMISS, "would reformat"),
    Fault("types", PLANTED, AMISS, "assignment"),
    Fault(
        "test",
        PLANTED,
        # Every module is imported by some test; no test calls this one.
        f"{DOC}\n\ndef planted(x: int) -> int:\n" + "    x += 1\n" * 5000,
        "Required test coverage of 90.0% not reached",
    ),
]

# This cell is tested on a PostgreSQL server, as in the pipeline; others on SQLite.
SERVED = "standard"

# URLs in the metadata of a package are no addresses of an index.
ADDRESS = re.compile(r"^(?!description = ).*://", re.MULTILINE)


def addresses(project: Path) -> list[str]:
    """Return the lock files with an index address; only uv's needs one."""
    return [it.name for it in locks(project) if ADDRESS.search(it.read_text("utf-8"))]


# The error of each manager if the lock does not match pyproject.toml.
STALE = {
    "uv": "needs to be updated",
    "poetry": "changed significantly",
    "pip": "stale against pyproject.toml",
}


def outdate(project: Path) -> None:
    """Add a dependency that is not in the lock file."""
    asked = project / "pyproject.toml"
    anchor = "    # -- Your own dependencies"
    added = f'    "tomlkit>=0.13",\n{anchor}'
    text = asked.read_text(encoding="utf-8")
    asked.write_text(text.replace(anchor, added), encoding="utf-8")


def gate(name: str, project: Path) -> list[str]:
    """Return the command of a gate, as a person types it."""
    gates = yaml.safe_load((project / "standards/gates.yml").read_text("utf-8"))
    return ["bash", "-c", gates[name]["command"]]


def refusal(fault: Fault, command: list[str], project: Path, run: Run) -> str:
    """Plant a fault, and return the output of the command, which fails."""
    planted = project / fault.file
    planted.write_text(fault.text, encoding="utf-8")
    completed = run(command, project)
    planted.unlink()
    assert completed.returncode != 0
    return completed.stdout + completed.stderr


@pytest.mark.parametrize("cell", GATED)
def test_every_cell_passes_its_gates_stays_clean_and_rejects_a_stale_lock(
    cell: str, checkout: Project, shared_cache: SharedCache, run: Run, database_url: str
) -> None:
    project = shared_cache.share_mypy_cache(checkout(CELLS[cell]))
    served = {"TEST_DATABASE_URL": database_url} if cell == SERVED else {}

    assert run(["make", "check"], project, served).returncode == 0
    assert succeed(["git", "status", "--porcelain"], project) == ""
    assert addresses(project) in ([], ["uv.lock"])
    outdate(project)
    judged = run(gate("lock", project), project)
    assert judged.returncode != 0
    assert STALE[whole(CELLS[cell])["package_manager"]] in judged.stdout + judged.stderr


def test_cell_with_postgresql_is_checked_on_every_push() -> None:
    assert SERVED in DAILY
    assert whole(CELLS[SERVED])["database"] == "postgresql"


def test_gates_run_without_a_repository(copy: Copy, tmp_path: Path, run: Run) -> None:
    project = copy(tmp_path / "plain")

    for command in ("make install", "make lint", ".venv/bin/pytest tests/standards"):
        assert run(command.split(), project).returncode == 0


@pytest.mark.parametrize("manager", ["poetry", "pip"])
def test_gates_without_an_environment_use_no_tools_of_the_machine(
    manager: str, render: Project, run: Run
) -> None:
    checked = run(["make", "check"], render({"package_manager": manager}))

    assert checked.returncode == 2
    assert checked.stderr.splitlines()[0] == "run make install first"


def test_tests_use_the_database_of_test_database_url(
    project: Project, run: Run
) -> None:
    nowhere = {"TEST_DATABASE_URL": "postgresql+asyncpg://app@127.0.0.1:1/nothing"}

    tested = run(
        ["uv", "run", "pytest", "--exitfirst", "tests/integration"], project(), nowhere
    )

    assert tested.returncode != 0
    assert "1 error" in tested.stdout


def test_pyright_finds_planted_faults(project: Project, run: Run) -> None:
    fault = Fault("types", PLANTED, UNTYPED, "error")
    chosen = project({"type_checker": "pyright"})
    found = refusal(fault, ["make", "types"], chosen, run)

    # No other findings: the rest of the project is clean.
    assert re.findall(r"\((report\w+)\)", found) == [
        "reportAssignmentType",
        "reportPrivateUsage",
        "reportUnknownParameterType",
        "reportMissingParameterType",
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda it: f"{it.gate} {it.finding}")
def test_gate_finds_a_planted_fault(
    fault: Fault, mutable_project: Path, run: Run
) -> None:
    assert fault.finding in refusal(
        fault, gate(fault.gate, mutable_project), mutable_project, run
    )


@pytest.mark.parametrize("fault", MADE, ids=lambda it: it.gate)
def test_make_target_fails_when_one_of_its_gates_fails(
    fault: Fault, mutable_project: Path, run: Run
) -> None:
    assert fault.finding in refusal(fault, ["make", fault.gate], mutable_project, run)
