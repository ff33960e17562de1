"""The page of the configurator in Chromium."""

import tarfile
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.site import node, serve

SCREENSHOTS = ROOT / "build/screenshots"


@pytest.fixture
def broken(site: Path, tmp_path: Path) -> Path:
    """Return the template with a text that Jinja can not render."""
    with tarfile.open(site / "configure/template.tar.gz") as packed:
        packed.extractall(tmp_path / "template", filter="data")
    readme = tmp_path / "template/template/README.md.jinja"
    readme.write_text("{{ missing_answer }}", encoding="utf-8")
    with tarfile.open(tmp_path / "broken.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "template", ".")
    return tmp_path / "broken.tar.gz"


@pytest.mark.nightly
@pytest.mark.usefixtures("browser")
def test_page_in_chromium(site: Path, broken: Path, tmp_path: Path) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with serve(site) as address:
        completed = node("page.mjs", address, broken, SCREENSHOTS, cwd=tmp_path)

    assert completed.returncode == 0, completed.stdout
    assert {path.stem for path in SCREENSHOTS.glob("*.png")} >= {
        "desktop",
        "phone",
        "dark",
    }
