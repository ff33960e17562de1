"""Relative links in documents lead to files and headings that exist."""

import re
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.fixture_types import Project
from tests.support.instructions import FENCE, documents
from tests.support.matrix import CELLS

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub and GitLab create them."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w -]", "", it.lower()).replace(" ", "-") for it in headings}


def broken_links(root: Path) -> list[str]:
    """List the links whose file or heading does not exist."""
    found = []
    for name, text in documents(root).items():
        for path, anchor in LINK.findall(FENCE.sub("", text)):
            target = root / name if not path else (root / name).parent / path
            exists = target.exists()
            if exists and anchor:
                exists = anchor in anchors(target.read_text(encoding="utf-8"))
            if not exists:
                found.append(f"{name}: {path}{anchor and '#' + anchor}")
    return found


def test_links_of_the_template_lead_to_files() -> None:
    assert broken_links(ROOT) == []


@pytest.mark.parametrize("cell", CELLS)
def test_links_of_a_project_lead_to_files(cell: str, render: Project) -> None:
    assert broken_links(render(CELLS[cell])) == []


@pytest.mark.parametrize("link", ["[a](no.md)", "[a](b.md#no)", "[a](#no)"])
def test_broken_link_is_found(link: str, tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# A heading, again\n", encoding="utf-8")
    (tmp_path / "a.md").write_text(f"[b](b.md#a-heading-again) {link}\n", "utf-8")

    assert len(broken_links(tmp_path)) == 1
