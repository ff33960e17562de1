"""Fixtures of the site."""

import shutil
from pathlib import Path

import pytest

from extensions.site import configure
from tests.support.shared_cache import SharedCache
from tests.support.site import find_browser


@pytest.fixture(scope="session")
def site(shared_cache: SharedCache, source: Path) -> Path:
    """Return the site of the working tree; its template is the local repository."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing")

    def build(place: Path) -> None:
        configure.build(place / "configure", str(source), source)

    return shared_cache.once("site", build)


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of Chromium."""
    if not (path := find_browser()):
        pytest.skip("Chromium is missing")
    return path
