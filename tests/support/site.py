"""The built site: served, opened by Node and Chromium, and its projects compared."""

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from extensions.questions import ROOT
from extensions.site.packages import CACHE
from tests.support.commands import Completed, run

SCRIPTS = ROOT / "tests/site"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

Tree = dict[str, tuple[bytes, int]]


class _Handler(SimpleHTTPRequestHandler):
    """A handler that does not print its requests."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder, and yield its address."""
    handler = partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def find_browser() -> str | None:
    """Return the path of Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def node(script: str, *arguments: str | Path, cwd: Path) -> Completed:
    """Run a script of tests/site with Node."""
    known = {"PACKAGES": str(CACHE / "node_modules"), "BROWSER": find_browser() or ""}
    return run(["node", SCRIPTS / script, *arguments], cwd, {**os.environ, **known})


def unzip(archive: Path, destination: Path) -> Path:
    """Unpack a zip file with the modes of its files, as the program unzip does."""
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            path = packed.extract(entry, destination)
            os.chmod(path, stat.S_IMODE(entry.external_attr >> 16))
    [project] = destination.iterdir()
    return project


def tree(project: Path) -> Tree:
    """Return content and mode of each file."""
    return {
        path.relative_to(project).as_posix(): (
            path.read_bytes(),
            stat.S_IMODE(path.stat().st_mode),
        )
        for path in project.rglob("*")
        if path.is_file()
    }
