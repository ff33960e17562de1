"""What documents show of the standard is the standard as it is."""

from pathlib import Path

import pytest
import yaml

from extensions.questions import ROOT
from extensions.standards import BETWEEN, main
from tests.support.fixture_types import Project
from tests.support.matrix import CELLS

FRAME = "# Title\n\n<!-- the standard -->\n<!-- /the standard -->\n\nAfter.\n"


def test_the_readme_shows_the_standard_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(BETWEEN.findall(readme)) == 1
    assert main(["--check"]) == 0


def test_a_stale_table_is_found_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(FRAME, encoding="utf-8")

    assert main(["--check"], tmp_path) == 1
    assert "make standards" in capsys.readouterr().out
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    assert "| STYLE | form | 4 |" in readme.read_text(encoding="utf-8")
    assert readme.read_text(encoding="utf-8").endswith("-->\n\nAfter.\n")


@pytest.mark.parametrize("cell", CELLS)
def test_the_page_of_a_project_has_a_row_for_every_rule(
    cell: str, render: Project
) -> None:
    project = render(CELLS[cell])
    page = (project / "docs/standards.md").read_text(encoding="utf-8").splitlines()
    catalogue, gates = (
        yaml.safe_load((project / "standards" / name).read_text(encoding="utf-8"))
        for name in ("catalogue.yml", "gates.yml")
    )

    for rule in catalogue:
        there = rule.get("gate") in gates
        last = rule["gate"] if there else rule.get("evidence") or rule["without"]
        rows = [line for line in page if line.startswith(f"| {rule['id']} | ")]
        assert rows[0].endswith(f" | {last} |")
        assert len(rows) == 1 + ("resolution" in rule)
