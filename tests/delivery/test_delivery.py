"""Images are small, locked down, rebuilt fast, and validated at startup."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support import images
from tests.support.answers import CHOICES
from tests.support.containers import Container, Engine
from tests.support.fixture_types import Copy, Project, Run
from tests.support.images import KEY, Image, given, on, write_item
from tests.support.shared_cache import SharedCache

MANAGERS = CHOICES["package_manager"]
ANSWERS: list[Answers] = [
    *({"package_manager": manager} for manager in MANAGERS),
    {"database": "sqlite"},
]
HADOLINT: list[str | Path] = [ROOT / ".venv/bin/hadolint", "--failure-threshold=info"]
BASE = "python:3.13-slim"
SHELLS = ("/usr/bin/dash", "/usr/bin/bash")

Build = Callable[[Answers], Image]


@pytest.fixture(scope="session")
def build(engine: Engine, shared_cache: SharedCache, copy: Copy) -> Build:
    """Return a function that builds an image, once for each set of answers."""
    return lambda answers: images.build(shared_cache, engine, copy, answers)


@pytest.fixture(params=MANAGERS)
def image(request: pytest.FixtureRequest, build: Build) -> Image:
    """Build the image for each package manager."""
    return build({"package_manager": request.param})


@pytest.fixture(scope="module")
def database(engine: Engine) -> Iterator[str]:
    """Start PostgreSQL in a network; return the name of both."""
    with images.database(engine) as name:
        yield name


@pytest.fixture
def no_shell(tmp_path: Path) -> list[str]:
    """Return podman options that replace every shell by an empty file."""
    nothing = tmp_path / "nothing"
    nothing.touch()
    return [f"--volume={nothing}:{shell}:ro" for shell in SHELLS]


@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_hadolint_finds_nothing(answers: Answers, render: Project, run: Run) -> None:
    assert run([*HADOLINT, "Dockerfile"], render(answers)).returncode == 0


def test_hadolint_finds_planted_fault(
    render: Project, tmp_path: Path, run: Run
) -> None:
    text = (render() / "Dockerfile").read_text(encoding="utf-8")
    (tmp_path / "Dockerfile").write_text(text.replace(BASE, "python"), "utf-8")

    assert run([*HADOLINT, "Dockerfile"], tmp_path).returncode == 1


@pytest.mark.nightly
def test_image_is_small_and_built_within_a_minute(image: Image) -> None:
    base = image.megabytes(BASE)
    print(f"{image.seconds:.1f} s, {image.megabytes() - base:.1f} MB over {base:.1f}")

    assert image.seconds <= 60
    assert image.megabytes() - base <= 130


@pytest.mark.nightly
def test_code_change_rebuilds_a_small_layer(
    image: Image, tmp_path: Path, engine: Engine
) -> None:
    project = tmp_path / "project"
    shutil.copytree(image.project, project)
    # Images of other answers share layers, so this test builds its own image.
    engine.build(project, f"{image.name}-changed")
    with (project / "app/api/health.py").open("a") as code:
        code.write("\n# Changed.\n")
    with images.measured() as seconds:
        output = engine.build(project, f"{image.name}-changed")
    steps = re.findall(r"STEP \S+ (.+)\n(--> Using cache)?", output)
    made = [step for step, cached in steps if step and not cached]

    assert seconds[0] <= 15
    assert not [step for step in made if ".venv" in step or "install" in step], made
    assert any(step.startswith("COPY --from=build /srv/app") for step in made)


@pytest.mark.nightly
def test_image_contains_no_build_tools(image: Image) -> None:
    base = replace(image, name=BASE)

    assert {"pip", "ensurepip"} <= base.builders()
    assert image.builders() == set()


@pytest.mark.nightly
def test_image_contains_no_secrets(image: Image) -> None:
    own = {path.name for path in image.files() if path.parent == Path("/srv")}

    assert own == {".venv", "alembic", "app", "pyproject.toml"}
    assert image.secrets() == []


@pytest.mark.nightly
def test_planted_secret_is_found(build: Build, engine: Engine, tmp_path: Path) -> None:
    image = build({"package_manager": "uv"})
    project = shutil.copytree(image.project, tmp_path / "project")
    ignored = (project / ".dockerignore").read_text(encoding="utf-8")
    (project / ".dockerignore").write_text(ignored.replace("**/.env*\n", ""), "utf-8")
    engine.build(project, f"{image.name}-leaking")

    found = replace(image, name=f"{image.name}-leaking").secrets()
    assert found == ["/srv/app/.env", "/srv/app/.env.local"]


@pytest.mark.nightly
def test_locked_down_container_serves_and_stops(
    image: Image, database: str, engine: Engine, no_shell: list[str]
) -> None:
    name = image.name.split("/")[1]
    options = [*no_shell, *on(database)]
    migrated = engine.once(image.name, options, "alembic", "upgrade", "head")
    service = engine.start(image.name, name, *options)

    assert migrated.returncode == 0
    assert service.answers("/health/ready"), service.logs()
    assert write_item(service.url, name) == 201
    assert service.healthy()
    seconds, status = service.stop()
    assert status in (0, 143), service.logs()
    assert seconds < 15


@pytest.mark.nightly
def test_health_check_fails_without_a_service(build: Build, engine: Engine) -> None:
    image = build({"package_manager": "uv"}).name
    idle = ("python", "-c", "import time; time.sleep(600)")
    engine.podman("run", "--detach", "--name=idle", image, *idle)

    assert not Container(engine, "idle", "").healthy()
    engine.podman("rm", "--force", "--time=0", "idle")


@pytest.mark.nightly
@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("name", ["DATABASE_URL", "SECRET_KEY"])
def test_missing_setting_fails_startup_in_production(
    name: str, processes: str, build: Build, engine: Engine
) -> None:
    image = build({"package_manager": "uv"}).name
    variables = {
        "DATABASE_URL": "postgresql+asyncpg://app@127.0.0.1:9/app",
        "SECRET_KEY": KEY,
        "WEB_CONCURRENCY": processes,
    }
    del variables[name]
    completed = engine.once(image, ["--timeout=60", *given(variables)])

    assert completed.returncode not in (0, 137)
    assert name in completed.stdout + completed.stderr


@pytest.mark.nightly
def test_single_node_keeps_its_file_after_restart(build: Build, engine: Engine) -> None:
    image = build({"database": "sqlite"}).name
    file = {"DATABASE_URL": "sqlite+aiosqlite:////data/app.db", "SECRET_KEY": KEY}
    options = ["--volume=data:/data", *given(file)]
    migrated = engine.once(image, options, "alembic", "upgrade", "head")
    written = []
    for name in ("first", "second"):
        service = engine.start(image, name, *options)
        assert service.answers("/health/ready"), service.logs()
        written.append(write_item(service.url, "the only one"))
        assert service.stop()[1] in (0, 143)

    assert migrated.returncode == 0
    assert written == [201, 409]
