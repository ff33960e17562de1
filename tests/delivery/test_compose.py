"""Compose files start, serve requests, and stop without leftovers."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support import images
from tests.support.compose import Composition
from tests.support.containers import Container, Engine
from tests.support.fixture_types import Copy, Project, Run
from tests.support.images import KEY
from tests.support.matrix import NOTHING
from tests.support.shared_cache import SharedCache

DEVELOPMENT, PRODUCTION = "compose.yaml", "compose.production.yaml"
FILES = (DEVELOPMENT, PRODUCTION)
NEEDED = {"POSTGRES_PASSWORD": KEY, "SECRET_KEY": KEY}
SCHEMA: list[str | Path] = [
    ROOT / ".venv/bin/check-jsonschema",
    *("--builtin-schema", "vendor.compose-spec"),
]
ANSWERS: list[Answers] = [
    {},
    {"database": "sqlite"},
    {**NOTHING, "docker": True},
    {"database": "sqlite", "auth": False},
]

Compose = Callable[..., Composition]


@pytest.fixture
def compose(engine: Engine, shared_cache: SharedCache, copy: Copy) -> Compose:
    """Return a function that opens a compose file of a project with a built image."""

    def compose(file: str, answers: Answers, **variables: str) -> Composition:
        image = images.build(shared_cache, engine, copy, answers)
        return Composition(engine, image.project, file, variables)

    return compose


def processes(service: Container) -> int:
    """Count the worker processes; a single worker is the server itself."""
    listed = service.engine.podman("top", service.name, "args")
    return len(re.findall("--multiprocessing-fork", listed)) or 1


@pytest.mark.parametrize("answers", [*ANSWERS, {"telemetry": True}], ids=str)
def test_compose_file_is_valid(answers: Answers, render: Project, run: Run) -> None:
    assert run([*SCHEMA, *FILES], render(answers)).returncode == 0


def test_invalid_compose_file_is_found(
    render: Project, tmp_path: Path, run: Run
) -> None:
    text = (render() / PRODUCTION).read_text(encoding="utf-8")
    (tmp_path / PRODUCTION).write_text(text.replace("cap_drop", "capdrop"), "utf-8")

    assert run([*SCHEMA, PRODUCTION], tmp_path).returncode == 1


@pytest.mark.parametrize("name", NEEDED)
def test_missing_production_variable_is_named(
    name: str, render: Project, run: Run
) -> None:
    podman_compose = ROOT / ".venv/bin/podman-compose"
    line: list[str | Path] = [podman_compose, "--file", PRODUCTION, "config"]
    whole = run(line, render(), NEEDED)
    lacking = run(line, render(), NEEDED | {name: ""})

    assert whole.returncode == 0
    assert lacking.returncode != 0
    assert name in lacking.stdout + lacking.stderr


@pytest.mark.nightly
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_compose_starts_serves_and_stops_without_leftovers(
    file: str, database: str, compose: Compose, engine: Engine
) -> None:
    composition = compose(file, {"database": database}, **NEEDED)
    several = file == PRODUCTION and database == "postgresql"
    with composition.up(*["database"] * (database == "postgresql")) as service:
        assert service.answers("/health/ready"), service.logs()
        assert processes(service) == (2 if several else 1)
        assert len(engine.left(composition.name)) >= 3

    assert engine.left(composition.name) == []


@pytest.mark.nightly
def test_compose_does_not_start_without_its_variables(
    compose: Compose, engine: Engine
) -> None:
    composition = compose(PRODUCTION, {"database": "postgresql"})
    completed = composition.run("up", "--detach")

    assert completed.returncode != 0
    assert engine.left(composition.name) == []
