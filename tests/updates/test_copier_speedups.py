"""Accelerated Copier renders what plain Copier renders."""

from pathlib import Path

import pytest

from extensions.rendering import presets, render
from extensions.site.compiled import COMPILED
from tests.support.copier_speedups import accelerated
from tests.support.fixture_types import Copy
from tests.support.matrix import NOTHING
from tests.support.release_history import violations


@pytest.mark.parametrize("preset", presets())
def test_accelerated_copier_renders_the_same_files(
    preset: str, copy: Copy, source: Path, tmp_path: Path
) -> None:
    with accelerated():
        # Twice: the second project comes from the cache.
        for name in ("first", "second"):
            render(tmp_path / name, presets()[preset], source=source)
    plain = copy(tmp_path / "plain", presets()[preset])

    assert violations(tmp_path / "second", plain) == []


def test_copier_is_plain_by_default(copy: Copy, tmp_path: Path) -> None:
    COMPILED.clear()
    copy(tmp_path / "plain", NOTHING)

    assert not COMPILED
