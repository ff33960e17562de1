"""Fixtures of the tests of many projects."""

from pathlib import Path

import pytest

from tests.support.fleet import Fleet, small
from tests.support.shared_cache import SharedCache


@pytest.fixture
def fleet(shared_cache: SharedCache, tmp_path: Path) -> Fleet:
    """Return a fleet without repositories, of a template that renders fast."""
    return Fleet(shared_cache.once("small", small), tmp_path / "fleet")
