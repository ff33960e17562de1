"""The image of a generated project, built once in a run, and its database."""

import asyncio
import re
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

from httpx2 import AsyncClient

from extensions.rendering import Answers
from tests.support.base_images import PYTHON
from tests.support.commands import succeed
from tests.support.containers import Engine, until
from tests.support.fixture_types import Copy
from tests.support.image_storage import VERSIONS
from tests.support.isolation import index, mirror
from tests.support.matrix import whole
from tests.support.service import ITEMS, log_in
from tests.support.shared_cache import SharedCache, key

KEY = token_urlsafe(48)
PASSWORD = "of-a-test"  # nosec B105  # pragma: allowlist secret
# Secrets that must not get into an image, and the files that hold them.
PLANTED = (
    *(".env", ".git/config", "app/.env", "app/.env.local", "app/.git/config"),
    *("app/local.db", "app/local.db-wal", "app/server.key", "alembic/tls.pem"),
    *("README.md", "tests/conftest.py", "uv.lock.secret"),
)
SECRET = "this-is-in-no-image"  # nosec B105  # pragma: allowlist secret

# Programs that can build, fetch or install software.
TOOLS = re.compile(
    r"(pip|uv|poetry|gcc|g\+\+|cc|c\+\+|make|cmake|ld|git|curl|wget|pipx?[\d.]+|uvx)"
)
PACKAGES = {"ensurepip", "pip", "poetry", "pytest", "setuptools", "uv", "wheel"}
LIBRARIES = ("site-packages", "python3.13")


@dataclass(frozen=True)
class Image:
    """An image, the project that it was built from, and the seconds that it took."""

    engine: Engine
    name: str
    project: Path
    seconds: float

    def build(self, *options: str) -> str:
        """Build the image again and return the output."""
        return self.engine.build(self.project, self.name, *options)

    def files(self) -> list[Path]:
        """Return all files and folders of the image."""
        find = ("run", "--rm", "--user=0:0", "--network=none", self.name, "find", "/")
        return [Path(line) for line in self.engine.podman(*find, "-xdev").splitlines()]

    def builders(self) -> set[str]:
        """Return the programs that can build, fetch or install software."""
        files = self.files()
        programs = {path.name for path in files if path.parent.name in ("bin", "sbin")}
        packages = {path.name for path in files if path.parent.name in LIBRARIES}
        return {
            name for name in programs if TOOLS.fullmatch(name)
        } | packages & PACKAGES

    def secrets(self) -> list[str]:
        """Return the files of the image that contain a secret."""
        completed = self.engine.once(self.name, [], "grep", "-rl", SECRET, "/srv")
        return sorted(completed.stdout.splitlines())

    def megabytes(self, name: str = "") -> float:
        """Return the size of this or another image in millions of bytes."""
        shown = ("--format={{.Size}}", name or self.name)
        return int(self.engine.podman("image", "inspect", *shown)) / 1e6


def build(
    shared_cache: SharedCache, engine: Engine, copy: Copy, answers: Answers
) -> Image:
    """Build the image of a project with these answers, from cached packages."""
    answers = whole(dict(answers))
    name = f"localhost/{key(answers)}"

    def make(place: Path) -> None:
        project = copy(place / "project", answers)
        succeed(["make", "lock"], project)
        for planted in PLANTED:
            (project / planted).parent.mkdir(exist_ok=True)
            (project / planted).write_text(SECRET, encoding="utf-8")
        poetry = answers["package_manager"] == "poetry"
        options = mirrored(place) if poetry else []
        with measured() as seconds:
            engine.build(project, name, "--no-cache", *options)
        (place / "seconds").write_text(f"{seconds[0]}", encoding="utf-8")

    place = shared_cache.once(f"images/{key(answers)}", make)
    seconds = float((place / "seconds").read_text(encoding="utf-8"))
    return Image(engine, name, place / "project", seconds)


@contextmanager
def measured() -> Iterator[list[float]]:
    """Measure a duration; corrected for the load of a shared machine."""

    def now() -> tuple[float, float]:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.monotonic(), used.ru_utime + used.ru_stime

    seconds: list[float] = []
    begin = now()
    yield seconds
    both = [after - before for before, after in zip(begin, now(), strict=True)]
    print(f"{both[0]:.1f} s, {both[1]:.1f} s of a processor")
    seconds.append(min(both))


def mirrored(folder: Path) -> list[str]:
    """Return build options with which Poetry uses the package index of pip."""
    config = folder / "config.toml"
    config.write_text(f'[plugins.pypi_mirror]\nurl = "{index()}"\n', encoding="utf-8")
    return [f"--volume={config}:/root/.config/pypoetry/config.toml:ro"] + [
        f"--volume={found}:/usr/local/lib/python{PYTHON}/site-packages/{found.name}:ro"
        for found in mirror()
    ]


@contextmanager
def database(engine: Engine) -> Iterator[str]:
    """Start a PostgreSQL in a new network; return the name of both."""
    name = f"database-{uuid4().hex[:8]}"
    settings = {"DB": "app", "USER": "app", "PASSWORD": PASSWORD}
    image = f"postgres:{VERSIONS['postgresql']}-alpine"
    engine.podman("network", "create", name)
    given = [f"--env=POSTGRES_{part}={value}" for part, value in settings.items()]
    engine.podman(
        "run", "--detach", f"--name={name}", f"--network={name}", *given, image
    )
    ready = ("podman", "exec", name, "pg_isready", "--username=app", "--host=127.0.0.1")
    try:
        assert until(lambda: engine.run(*ready).returncode == 0)
        yield name
    finally:
        engine.podman("rm", "--force", "--volumes", "--time=0", name)
        engine.podman("network", "rm", "--force", name)


def given(variables: Mapping[str, str]) -> list[str]:
    """Return variables as options of podman."""
    return [f"--env={name}={value}" for name, value in variables.items()]


def on(database: str) -> list[str]:
    """Return the options of a service in production with a database."""
    url = f"postgresql+asyncpg://app:{PASSWORD}@{database}:5432/app"
    variables = {"DATABASE_URL": url, "SECRET_KEY": KEY}
    return [f"--network={database}", *given(variables)]


def write_item(url: str, name: str) -> int:
    """Register a user and create an item; return the status of the response."""

    async def write() -> int:
        async with AsyncClient(base_url=url, timeout=20.0) as client:
            headers = await log_in(client, "writer")
            answer = await client.post(ITEMS, json={"name": name}, headers=headers)
            return answer.status_code

    return asyncio.run(write())
