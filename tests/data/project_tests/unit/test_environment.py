"""The settings page lists the variables that the settings read."""

import re
from pathlib import Path

from tests.support.settings import default_variables, split_at_marker

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \| (?:`(.*?)` )?\| .+ \|$", re.MULTILINE)


def test_settings_page_lists_every_variable_with_its_default() -> None:
    page, _ = split_at_marker(ROOT / "docs" / "settings.md")

    assert dict(ROW.findall(page)) == default_variables()
