"""Fixtures of the site."""

import shutil
from pathlib import Path

import pytest

from extensions.site import configure, documentation
from tests.support.shared_cache import SharedCache
from tests.support.site import find_browser


@pytest.fixture(scope="session")
def site(shared_cache: SharedCache, source: Path) -> Path:
    """Return a site of the working tree's configurator, for a local repository."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing")

    def build(place: Path) -> None:
        configure.build(place / "configure", str(source), source)

    return shared_cache.once("site", build)


@pytest.fixture(scope="session")
def documented(shared_cache: SharedCache, site: Path) -> Path:
    """Return the site with its documentation."""

    def build(place: Path) -> None:
        shutil.copytree(site, place)
        documentation.build(place)

    return shared_cache.once("documented", build)


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of Chromium."""
    if not (path := find_browser()):
        pytest.skip("Chromium is missing")
    return path
