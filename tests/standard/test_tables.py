"""The table of the standard in the README is up to date."""

from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.standards import BETWEEN, main

FRAME = "# Title\n\n<!-- the standard -->\n<!-- /the standard -->\n\nAfter.\n"


def test_readme_shows_the_current_standard() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(BETWEEN.findall(readme)) == 1
    assert main(["--check"]) == 0


def test_stale_table_is_found_and_rewritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(FRAME, encoding="utf-8")

    assert main(["--check"], tmp_path) == 1
    assert "make standards" in capsys.readouterr().out
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    assert "| STYLE | formatting | 4 |" in readme.read_text(encoding="utf-8")
    assert readme.read_text(encoding="utf-8").endswith("-->\n\nAfter.\n")
