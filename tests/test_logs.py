"""Whichever library writes the log: its lines are the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.postgresql import Server
from extensions.serving import environment, migrate
from tests.house.answers import CHOICES
from tests.house.kinds import Project
from tests.house.service import ITEMS, running

Log = Callable[[str], set[tuple[str, ...]]]


@pytest.fixture
def log(project: Project, postgresql: Server, tmp_path: Path) -> Log:
    """Give the kinds of lines that a service writes in its life."""

    def log(library: str) -> set[tuple[str, ...]]:
        chosen = project({"logging": library})
        variables = environment(postgresql.database())
        migrate(chosen, variables)
        with running(chosen, tmp_path / library, variables) as service:
            service.get(ITEMS, headers={"X-Request-ID": "seen"})
            service.get("/nowhere?secret=hunter2")
            service.end()
        assert "hunter2" not in service.log.read_text(encoding="utf-8")
        records = service.records()
        return {(line["logger"], line["level"], *sorted(line)) for line in records}

    return log


def test_every_library_writes_the_same_lines(log: Log) -> None:
    kinds = {library: log(library) for library in CHOICES["logging"]}

    assert len({frozenset(lines) for lines in kinds.values()}) == 1, kinds
    assert {"app.api.middleware", "app.core.drain", "uvicorn.error"} <= {
        logger for lines in kinds.values() for logger, *_ in lines
    }
