"""The update tools find the template at each kind of address, or name the problem."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from extensions.rendering import answers_of
from tests.support import sample_releases
from tests.support.commands import commit, succeed
from tests.support.release_history import tree
from tests.support.sample_releases import LONGER, MERGE, NEW, substitute, upkeep
from tests.support.shared_cache import SharedCache

ANSWERS = ".copier-answers.yml"
# An ssh that reaches a folder of this machine, and records its options.
SSH = """#!/bin/sh
echo "$@" >> {log}
exec git-upload-pack {template}
"""


class Locked(BaseHTTPRequestHandler):
    """A server that requires a password."""

    def do_GET(self) -> None:  # noqa: N802
        """Respond with 401."""
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Create a project of the first release, when the second one is out."""
    return sample_releases.service(shared_cache, source, tmp_path / "service")


@pytest.fixture
def locked() -> Iterator[str]:
    """Start a server that requires a password, and return the address of a template."""
    with HTTPServer(("127.0.0.1", 0), Locked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/template.git"
        server.shutdown()


@pytest.fixture
def silent() -> Iterator[str]:
    """Start a server that never responds, and return the address of a template."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"git://127.0.0.1:{server.getsockname()[1]}/template"


def move(service: Path, address: str) -> Path:
    """Change the template's address in a project, and return the old one."""
    old = Path(answers_of(service)["_src_path"])
    substitute(service / ANSWERS, "_src_path: .*", f"_src_path: {address}")
    commit(service)
    return old


def refuse(service: Path, *arguments: str) -> str:
    """Run an update that is refused in one line, and return that line."""
    before = tree(service)
    refused = upkeep(service, *MERGE, *arguments)

    assert refused.returncode == 1 and not refused.stdout
    assert tree(service) == before
    [line] = refused.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    "address", ["git@host.test:team/it.git", "ssh://host.test/it.git"]
)
def test_template_is_cloned_over_ssh(
    address: str, service: Path, tmp_path: Path
) -> None:
    log, program = tmp_path / "log", tmp_path / "ssh"
    template = move(service, address)
    program.write_text(SSH.format(log=log, template=template), encoding="utf-8")
    program.chmod(0o755)
    succeed(["git", "config", "core.sshCommand", program], service)
    done = upkeep(service, *MERGE)

    assert done.returncode == 0
    assert (service / LONGER).read_text(encoding="utf-8").endswith(NEW)
    assert "BatchMode=yes" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("address", ["https://github.com/team/it.git", "gh:team/it"])
def test_template_is_cloned_from_an_address_that_git_rewrites(
    address: str, service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = move(service, address)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{template}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/team/it.git")
    done = upkeep(service, *MERGE)

    assert done.returncode == 0
    assert (service / LONGER).read_text(encoding="utf-8").endswith(NEW)


def test_template_that_needs_a_password_is_refused_without_a_prompt(
    locked: str, service: Path
) -> None:
    move(service, locked)
    line = refuse(service)

    assert "can not be read at http://127.0.0.1:" in line
    assert "prompts disabled" in line


def test_unreachable_server_is_refused_without_showing_a_password(
    service: Path,
) -> None:
    move(service, "http://me:word@127.0.0.1:1/template.git")  # pragma: allowlist secret
    line = refuse(service)

    assert "can not be read at http://127.0.0.1:1/template.git" in line
    assert "new address into _src_path" in line and "word" not in line


def test_silent_server_is_refused_after_a_timeout(silent: str, service: Path) -> None:
    substitute(service / "upkeep.py", "TIMEOUT = .*", "TIMEOUT = 1")
    move(service, silent)

    assert "ls-remote did not end within 1 s" in refuse(service)


def test_release_without_tools_is_refused(service: Path, tmp_path: Path) -> None:
    template = tmp_path / "template"
    succeed(
        ["git", "clone", "--quiet", answers_of(service)["_src_path"], template], service
    )
    succeed(["git", "rm", "-r", "--quiet", "upkeep"], template)
    commit(template)
    succeed(["git", "tag", "v0.0.3"], template)
    move(service, str(template))

    assert "v0.0.3 of the template has no update tools" in refuse(service)


def test_drift_uses_the_tools_of_the_release_that_the_project_has(
    service: Path, tmp_path: Path
) -> None:
    template = tmp_path / "template"
    succeed(
        ["git", "clone", "--quiet", answers_of(service)["_src_path"], template], service
    )
    (template / "upkeep/drift.py").write_text("raise SystemExit(7)\n", encoding="utf-8")
    commit(template)
    succeed(["git", "tag", "v0.0.3"], template)
    move(service, str(template))

    assert upkeep(service, "drift").returncode == 0
    substitute(service / ANSWERS, "_commit: .*", "_commit: v0.0.3")
    assert upkeep(service, "drift").returncode == 7


def test_started_update_is_finished_without_a_network(service: Path) -> None:
    before = tree(service)
    substitute(service / sample_releases.REWORDED, r'\A"""', '"""Our own words: ')
    commit(service)
    upkeep(service, *MERGE)
    substitute(service / ANSWERS, "_src_path: .*", "_src_path: /nowhere")
    undone = upkeep(service, "update", "--undo")
    succeed(["git", "reset", "--hard", "--quiet", "HEAD~"], service)

    assert undone.returncode == 0
    assert tree(service) == before
