"""What the documents say is true."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = {
    pair
    for document in ROOT.glob("docs/*.md")
    for pair in re.findall(r"`(\S+)::(\w+)`", document.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize(("file", "name"), sorted(NAMED))
def test_a_test_that_a_document_names_exists(file: str, name: str) -> None:
    code = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {name}\(", code, re.MULTILINE)
