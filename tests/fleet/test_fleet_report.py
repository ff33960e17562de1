"""Results of visits are kept; the report and its HTML page show all of them."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from extensions.fleet.__main__ import main
from extensions.fleet.listing import Repository, read
from extensions.fleet.plan import Plan, parse
from extensions.fleet.report import page
from extensions.fleet.result import STATES, Result, kept
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit


def plan(place: Path, *options: str) -> Plan:
    """Return the options of a run that works in this folder."""
    return parse([str(place / "list.txt"), f"--work={place / 'work'}", *options])


@pytest.mark.parametrize(
    ("state", "options", "visited"),
    [
        ("updated", [], False),
        ("updated", ["--again"], True),
        ("conflicts", [], True),
    ],
)
def test_finished_repository_is_not_visited_again(
    state: str, options: list[str], visited: bool, tmp_path: Path
) -> None:
    repository = Repository(str(tmp_path / "nowhere"))
    place = tmp_path / "work" / repository.name
    place.mkdir(parents=True)
    Result(repository.name, repository.url, state=state).write(place / "result.json")
    result = visit(repository, plan(tmp_path, *options), Releases())

    assert result.state == ("failed" if visited else state)
    assert kept(place / "result.json") == result


@pytest.mark.parametrize("text", ["{", "[]", '{"state": "updated"}'])
def test_invalid_result_is_ignored(text: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(text, encoding="utf-8")

    assert kept(tmp_path / "result.json") is None


def test_run_lists_repositories_that_it_skips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.txt").write_text("shop\n", encoding="utf-8")
    [shop] = read(tmp_path / "list.txt")
    place = tmp_path / "work" / shop.name
    place.mkdir(parents=True)
    before = Result(shop.name, shop.url, state="current", visited="2026-01-01")
    before.write(place / "result.json")

    assert main([str(tmp_path / "list.txt"), f"--work={tmp_path / 'work'}"]) == 0
    assert "1 were fine when they were visited before" in capsys.readouterr().out


class _Outside(HTMLParser):
    """Records the URLs that a page loads, and its elements."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str | None] = []
        self.elements: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.loads += [
            value for key, value in attrs if key in ("src", "srcset", "data")
        ]


def test_page_loads_nothing_and_escapes_texts_of_repositories() -> None:
    evil = "<script>alert(1)</script>"
    results = [
        Result(evil, "javascript:alert(1)", evil, state, note=evil, rules=[evil])
        for state in STATES
    ]
    text = page(results)
    outside = _Outside()
    outside.feed(text)

    assert outside.loads == []
    assert not outside.elements & {"script", "link", "img", "iframe"}
    assert 'href="javascript' not in text and "url(" not in text
    assert all(f'class="state {state}"' in text for state in STATES)
