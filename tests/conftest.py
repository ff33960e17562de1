"""What tests ask for: the template, projects, commands and a database."""

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
from tests.support import commands
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
    """Let golden trees be written anew."""
    parser.addoption(
        "--golden", action="store_true", help="write tests/data/golden anew"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder; workers inherit it, with the environment."""
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="plumbline-")
        isolate(Path(os.environ[SHARED]))
        # Whoever ends the run ends it as Ctrl-C does: what was started is stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End the server when the last worker has gone; keep what failed for a look."""
    if not hasattr(session.config, "workerinput"):
        stop_server(Path(os.environ[SHARED]))
        close_engine(Path(os.environ[SHARED]))
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            shutil.rmtree(os.environ[SHARED])


@pytest.fixture(scope="session")
def shared_cache() -> SharedCache:
    """Give the folder that all workers share."""
    return SharedCache(Path(os.environ[SHARED]))


@pytest.fixture(scope="session")
def source(shared_cache: SharedCache) -> Path:
    """Give a clean repository of the working tree, new files included."""
    return shared_cache.once("source", snapshot)


@pytest.fixture(scope="session")
def release_history(shared_cache: SharedCache) -> ReleaseHistory:
    """Give the template with its releases, and projects that follow them."""
    return ReleaseHistory(shared_cache, shared_cache.once("history", history))


@pytest.fixture(scope="session")
def copy(source: Path) -> Copy:
    """Render into a folder of the test's own."""

    def copy(destination: Path, answers: Answers | None = None) -> Path:
        return rendering.render(destination, answers, source=source)

    return copy


@pytest.fixture(scope="session")
def render(shared_cache: SharedCache, copy: Copy) -> Project:
    """Return rendered projects, to be read only: once for each set of answers."""

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
    """Give an installed project, to be read only: once for each set of answers."""

    def project(answers: Answers | None = None) -> Path:
        name = f"installed/{key(answers)}"
        return shared_cache.once(
            name, lambda place: shared_cache.install(copy(place, answers))
        )

    return project


@pytest.fixture
def checkout(tmp_path: Path, shared_cache: SharedCache, copy: Copy) -> Project:
    """Give a project to change: a repository of its own, installed, all committed."""

    def checkout(answers: Answers | None = None) -> Path:
        return shared_cache.adopt(copy(tmp_path / "checkout", answers))

    return checkout


@pytest.fixture(scope="session")
def workshop(
    copy: Copy, shared_cache: SharedCache, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give an installed project in which one fault after the other is planted."""
    place = tmp_path_factory.mktemp("workshop") / "project"
    return shared_cache.teach(shared_cache.install(copy(place)))


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command; its output is shown when the test fails."""
    return commands.run


@pytest.fixture(scope="session")
def kubectl(shared_cache: SharedCache) -> Path:
    """Give the real one."""
    return shared_cache.once("kubectl", unpack_kubectl) / "kubectl" / "kubectl"


@pytest.fixture(scope="session")
def postgresql() -> Server:
    """Give the one server of this run."""
    return shared_server(Path(os.environ[SHARED]))


@pytest.fixture(scope="session")
def engine(shared_cache: SharedCache) -> Engine:
    """Give the one storage of containers of this run."""
    if (lacking := missing()) and DELIVERY not in os.environ:
        pytest.skip(f"containers need {', '.join(lacking)}; .ci/delivery installs them")
    return Engine(shared_cache.once("containers", new_storage))


@pytest.fixture
def database_url(postgresql: Server) -> str:
    """Give a new, empty database."""
    return postgresql.database()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server of the module's own: it is stopped and frozen."""
    server = new_server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service_factory(
    project: Project, server: Server, tmp_path: Path
) -> Iterator[ServiceFactory]:
    """Give a place for services on which the worst is tried."""
    with ExitStack() as stack:
        yield ServiceFactory(project(), server, tmp_path, stack)


@pytest.fixture
def running_service(service_factory: ServiceFactory) -> RunningService:
    """Give a running service that waits three seconds for a statement."""
    return service_factory.start(DATABASE_STATEMENT_TIMEOUT="3")


@pytest.fixture
def node(shared_cache: SharedCache, project: Project, tmp_path: Path) -> Node:
    """Give a machine with a project and its empty SQLite file."""
    return new_node(shared_cache, project, tmp_path / "node")


@pytest.fixture(scope="module")
def busy_node(
    shared_cache: SharedCache,
    project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Node, Service]]:
    """Give such a machine and its service, which is not to be ended."""
    node = new_node(shared_cache, project, tmp_path_factory.mktemp("busy") / "node")
    with node.serving(DATABASE_BUSY_TIMEOUT="0.5") as service:
        yield node, service


def new_node(shared_cache: SharedCache, project: Project, folder: Path) -> Node:
    """Copy a file that was migrated once."""
    installed = project({"database": "sqlite"})
    migrated = shared_cache.once(
        "single-node", lambda place: migrate_at_once(Node(installed, place))
    )
    return Node(installed, Path(shutil.copytree(migrated, folder)))
