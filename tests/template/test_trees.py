"""The file trees of the presets, held as golden files for review."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from extensions.rendering import presets
from tests.support.fixture_types import Project

GOLDEN = Path(__file__).parents[1] / "data" / "golden"


def draw(folder: Path, margin: str = "") -> Iterator[str]:
    """Yield a folder as a tree, with a line for each file."""
    entries = sorted(folder.iterdir(), key=lambda path: (path.is_file(), path.name))
    for entry in entries:
        last = entry is entries[-1]
        yield f"{margin}{'└── ' if last else '├── '}{entry.name}{'/' * entry.is_dir()}"
        if entry.is_dir():
            yield from draw(entry, margin + ("    " if last else "│   "))


@pytest.mark.parametrize("preset", presets())
def test_preset_renders_its_golden_tree(
    preset: str, render: Project, request: pytest.FixtureRequest
) -> None:
    tree = "\n".join([".", *draw(render(presets()[preset])), ""])
    golden = GOLDEN / f"{preset}.txt"
    if request.config.getoption("--golden"):
        golden.write_text(tree, encoding="utf-8")

    assert tree == golden.read_text(encoding="utf-8"), "a wanted change: make golden"


def test_every_golden_tree_belongs_to_a_preset() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(presets())
