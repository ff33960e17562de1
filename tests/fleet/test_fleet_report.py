"""Results of visits are kept; the report and its HTML page show all of them."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from extensions.fleet import trend
from extensions.fleet.__main__ import main
from extensions.fleet.listing import Repository, read
from extensions.fleet.plan import Plan, parse
from extensions.fleet.report import page
from extensions.fleet.result import STATES, Result, kept
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit
from tests.support.commands import succeed
from tests.support.release_history import adopt


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """Return a repository that is no project, and a list of it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/README.md").touch()
    adopt(tmp_path / "shop")
    (tmp_path / "list.txt").write_text("shop\n", encoding="utf-8")
    [shop] = read(tmp_path / "list.txt")
    return shop


def keep(shop: Repository, place: Path, state: str) -> Plan:
    """Write the result of an earlier run, and return the options of both runs."""
    plan = parse([str(place / "list.txt"), f"--work={place / 'work'}"])
    result = Result(shop.name, shop.url, state=state, options=plan.options)
    result.commit = succeed(["git", "rev-parse", "HEAD"], Path(shop.url)).strip()
    (plan.work / shop.name).mkdir(parents=True)
    result.write(plan.work / shop.name / "result.json")
    return plan


@pytest.mark.parametrize(
    ("state", "again", "visited"),
    [
        ("updated", False, False),
        ("updated", True, True),
        ("conflicts", False, True),
    ],
)
def test_finished_repository_is_not_visited_again(
    state: str, again: bool, visited: bool, shop: Repository, tmp_path: Path
) -> None:
    plan = replace(keep(shop, tmp_path, state), again=again)
    result = visit(shop, plan, Releases())

    assert result.state == ("failed" if visited else state)
    assert kept(plan.work / shop.name / "result.json") == replace(result, now=False)


@pytest.mark.parametrize("text", ["{", "[]", '{"state": "updated"}'])
def test_invalid_result_is_ignored(text: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(text, encoding="utf-8")

    assert kept(tmp_path / "result.json") is None


def test_run_lists_repositories_that_it_skips(
    shop: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(shop, tmp_path, "current")

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
        Result(evil, "javascript:alert(1)", evil, 1, state, note=evil, rules=[evil])
        for state in STATES
    ]
    run = trend.line(results, datetime.now(UTC), 1.0, evil, evil)
    text = page(results, [run])
    outside = _Outside()
    outside.feed(text)

    assert outside.loads == []
    assert not outside.elements & {"script", "link", "img", "iframe"}
    assert 'href="javascript' not in text and "url(" not in text
    assert all(f'class="state {state}"' in text for state in STATES)
