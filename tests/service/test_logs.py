"""structlog and the standard library write the same log records."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.postgresql import Server
from extensions.serving import environment, migrate
from tests.support.answers import CHOICES
from tests.support.fixture_types import Project
from tests.support.service import ITEMS, running

Log = Callable[[str], set[tuple[str, ...]]]


@pytest.fixture
def log(project: Project, postgresql: Server, tmp_path: Path) -> Log:
    """Return a function that collects the fields of each kind of log record."""

    def log(library: str) -> set[tuple[str, ...]]:
        chosen = project({"logging": library})
        variables = environment(postgresql.database())
        migrate(chosen, variables)
        with running(chosen, tmp_path / library, variables) as service:
            service.get(ITEMS, headers={"X-Request-ID": "seen"})
            service.get("/nowhere?secret=hunter2")
            service.end()
        assert "hunter2" not in service.log.read_text(encoding="utf-8")
        # On a busy machine it may be responses before it is ready.
        records = [it for it in service.records() if it.get("status") != 503]
        return {(line["logger"], line["level"], *sorted(line)) for line in records}

    return log


def test_log_records_are_equal_for_both_libraries(log: Log) -> None:
    first, *others = [log(library) for library in CHOICES["logging"]]

    assert [lines ^ first for lines in others] == [set()]
    assert {"app.api.middleware", "app.core.drain", "uvicorn.error"} <= {
        logger for logger, *_ in first
    }
