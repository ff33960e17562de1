"""Shared fixtures: the template, projects, commands and databases."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from extensions import rendering
from extensions.postgresql import Server, new_server, shared_server, stop_server
from extensions.rendering import Answers
from tests.support import commands, copies
from tests.support.containers import Engine, close_engine
from tests.support.copier_speedups import accelerated
from tests.support.fixture_types import Copy, Project, Run
from tests.support.image_storage import DELIVERY, missing, new_storage
from tests.support.isolation import isolate
from tests.support.kubectl import unpack_kubectl
from tests.support.release_history import ReleaseHistory, history
from tests.support.running_service import RunningService, ServiceFactory
from tests.support.service import Service
from tests.support.shared_cache import SharedCache, key, snapshot
from tests.support.single_node import Node, migrate_at_once

SHARED = "PLUMBLINE_TESTS"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites the golden trees."""
    parser.addoption(
        "--golden", action="store_true", help="write tests/data/golden anew"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Create the folder of the run, which workers find through the environment."""
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="plumbline-")
        isolate(Path(os.environ[SHARED]))
        # SIGTERM ends the run as Ctrl-C does, so that servers are stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Stop the shared server and containers; keep the folder if a test failed."""
    if not hasattr(session.config, "workerinput"):
        stop_server(Path(os.environ[SHARED]))
        close_engine(Path(os.environ[SHARED]))
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            shutil.rmtree(os.environ[SHARED])


@pytest.fixture(scope="session")
def shared_cache() -> SharedCache:
    """Return the cache that all workers share."""
    return SharedCache(Path(os.environ[SHARED]))


@pytest.fixture(scope="session")
def source(shared_cache: SharedCache) -> Path:
    """Return a clean repository of the working tree, new files included."""
    return shared_cache.once("source", snapshot)


@pytest.fixture(scope="session")
def release_history(shared_cache: SharedCache) -> ReleaseHistory:
    """Return the template with all its releases, and projects rendered from them."""
    return ReleaseHistory(shared_cache, shared_cache.once("history", history))


@pytest.fixture(scope="session")
def copy(source: Path) -> Copy:
    """Return a function that renders a project into a folder."""

    def copy(destination: Path, answers: Answers | None = None) -> Path:
        return rendering.render(destination, answers, source=source)

    return copy


@pytest.fixture(scope="session")
def render(shared_cache: SharedCache, copy: Copy) -> Project:
    """Return a function that renders a read-only project, once per set of answers."""

    def render(answers: Answers | None = None) -> Path:
        return shared_cache.once(
            f"rendered/{key(answers)}", lambda place: make(place, answers)
        )

    def make(place: Path, answers: Answers | None) -> None:
        with accelerated():
            copy(place, answers)

    return render


@pytest.fixture(scope="session")
def project(shared_cache: SharedCache, copy: Copy) -> Project:
    """Return a function that installs a read-only project, once per set of answers."""

    def project(answers: Answers | None = None) -> Path:
        name = f"installed/{key(answers)}"
        return shared_cache.once(
            name, lambda place: shared_cache.install(copy(place, answers))
        )

    return project


@pytest.fixture
def checkout(tmp_path: Path, shared_cache: SharedCache, copy: Copy) -> Project:
    """Return a function that creates a committed, installed project to change."""

    def checkout(answers: Answers | None = None) -> Path:
        return shared_cache.adopt(copy(tmp_path / "checkout", answers))

    return checkout


@pytest.fixture
def branch(tmp_path: Path, project: Project) -> Project:
    """Return a function that creates a committed project, on the branch `change`.

    It shares the environment of an installed project.
    """

    def branch(answers: Answers | None = None) -> Path:
        place = copies.copy(project(answers), tmp_path / "project")
        commands.succeed(["git", "init", "--quiet", "-b", "main"], place)
        copies.hide(place)
        commands.commit(place, "Start")
        commands.succeed(["git", "checkout", "--quiet", "-b", "change"], place)
        return place

    return branch


@pytest.fixture(scope="session")
def mutable_project(
    copy: Copy, shared_cache: SharedCache, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return an installed project, into which tests plant one fault at a time."""
    place = tmp_path_factory.mktemp("mutable_project") / "project"
    return shared_cache.share_mypy_cache(shared_cache.install(copy(place)))


@pytest.fixture(scope="session")
def run() -> Run:
    """Return a function that runs a command; pytest shows its output on failure."""
    return commands.run


@pytest.fixture(scope="session")
def kubectl(shared_cache: SharedCache) -> Path:
    """Return the path of kubectl."""
    return shared_cache.once("kubectl", unpack_kubectl) / "kubectl" / "kubectl"


@pytest.fixture(scope="session")
def postgresql() -> Server:
    """Return the PostgreSQL server of this run."""
    return shared_server(Path(os.environ[SHARED]))


@pytest.fixture(scope="session")
def engine(shared_cache: SharedCache) -> Engine:
    """Return podman with the image storage of this run."""
    if (lacking := missing()) and DELIVERY not in os.environ:
        pytest.skip(f"containers need {', '.join(lacking)}; .ci/delivery installs them")
    return Engine(shared_cache.once("containers", new_storage))


@pytest.fixture
def database_url(postgresql: Server) -> str:
    """Return the URL of a new, empty database."""
    return postgresql.database()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start a server for this module alone, whose tests stop and freeze it."""
    server = new_server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service_factory(
    project: Project, server: Server, tmp_path: Path
) -> Iterator[ServiceFactory]:
    """Return a factory for services whose tests inject faults."""
    with ExitStack() as stack:
        yield ServiceFactory(project(), server, tmp_path, stack)


@pytest.fixture
def running_service(service_factory: ServiceFactory) -> RunningService:
    """Start a service with a statement timeout of three seconds."""
    return service_factory.start(DATABASE_STATEMENT_TIMEOUT="3")


@pytest.fixture
def node(shared_cache: SharedCache, project: Project, tmp_path: Path) -> Node:
    """Return a single-node deployment with a migrated, empty SQLite file."""
    return new_node(shared_cache, project, tmp_path / "node")


@pytest.fixture(scope="module")
def busy_node(
    shared_cache: SharedCache,
    project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Node, Service]]:
    """Start the service of a single-node deployment; tests must not end it."""
    node = new_node(shared_cache, project, tmp_path_factory.mktemp("busy") / "node")
    with node.serving(DATABASE_BUSY_TIMEOUT="0.5") as service:
        yield node, service


def new_node(shared_cache: SharedCache, project: Project, folder: Path) -> Node:
    """Copy a SQLite file that was migrated once."""
    installed = project({"database": "sqlite"})
    migrated = shared_cache.once(
        "single-node", lambda place: migrate_at_once(Node(installed, place))
    )
    return Node(installed, Path(shutil.copytree(migrated, folder)))
