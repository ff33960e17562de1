"""What the settings read is written down, and nothing else is."""

import re
from pathlib import Path

from tests.variables import assigned, halves, variables

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \| (?:`(.*?)` )?\| .+ \|$", re.MULTILINE)


def test_the_example_has_every_variable_with_its_default() -> None:
    assert assigned(ROOT / ".env.example") == variables()


def test_the_page_has_every_variable_with_its_default() -> None:
    page, _ = halves(ROOT / "docs" / "settings.md")

    assert dict(ROW.findall(page)) == variables()
