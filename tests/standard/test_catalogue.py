"""Every sentence of the documents has a rule in the catalogue."""

import re
from pathlib import Path

import pytest
import yaml

from extensions.questions import ROOT
from tests.support.fixture_types import Project

DATA = Path(__file__).parents[1] / "data"
SENTENCES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (DATA / "sentences.yml").read_text(encoding="utf-8")
)
# Demands: list items, rows of tables, and sentences with `never` or `always`.
DEMAND = re.compile(
    r"- \*\*|- `|- id: |- name: |\d\. \*\*|\| (?!Element)[A-Z]|\*\*"
    r"|.*\b([Nn]ever|[Aa]lways)\b"
)
# Sentences of the documents about themselves.
ABOUT = ("**Version:**", "**Source:**")


def lines(document: str) -> list[str]:
    """Return the lines of a document."""
    path = ROOT / "template" / "standards" / f"{document}.md"
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("document", SENTENCES)
def test_every_demand_of_a_document_has_a_rule(document: str) -> None:
    known = (*SENTENCES[document], *ABOUT)
    demands = [line for line in lines(document) if DEMAND.match(line)]

    assert len(demands) > 10
    assert [line for line in demands if not line.startswith(known)] == []


@pytest.mark.parametrize("document", SENTENCES)
def test_every_listed_demand_is_in_its_document(document: str) -> None:
    text = lines(document)

    assert [
        start
        for start in SENTENCES[document]
        if not any(line.startswith(start) for line in text)
    ] == []


def test_every_rule_quotes_a_sentence_and_every_sentence_has_its_rules(
    render: Project,
) -> None:
    catalogue = render() / "standards" / "catalogue.yml"
    rules = {
        rule["id"] for rule in yaml.safe_load(catalogue.read_text(encoding="utf-8"))
    }
    held = {
        rule
        for demands in SENTENCES.values()
        for ids in demands.values()
        for rule in ids
    }

    assert held == rules
