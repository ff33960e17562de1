"""Each step of a visit to a repository, alone, and the page about all of them."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from extensions.commands import Commands
from extensions.fleet import drift, gates, template
from extensions.fleet.listing import Repository
from extensions.fleet.plan import Plan, parse
from extensions.fleet.report import page
from extensions.fleet.result import STATES, Result, kept
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit
from extensions.refusals import RefusalError
from tests.house.commands import commit, succeed

WRITTEN = "# -- Your own lines below this line. --\n"


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Give what runs commands, with a log of the test's own."""
    return Commands(tmp_path / "log.txt", 60)


def plan(place: Path, *options: str) -> Plan:
    """Give a plan that works in a folder of the test's own."""
    return parse([str(place / "list.txt"), f"--work={place / 'work'}", *options])


@pytest.mark.parametrize(
    ("state", "options", "visited"),
    [
        ("updated", [], False),
        ("updated", ["--again"], True),
        ("conflicts", [], True),
    ],
)
def test_what_was_fine_is_not_visited_twice(
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
def test_a_result_that_nobody_can_have_written_is_none(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "result.json").write_text(text, encoding="utf-8")

    assert kept(tmp_path / "result.json") is None


def test_a_fault_of_our_own_is_a_result_with_a_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object) -> None:
        raise KeyError("planted")

    succeed(["git", "init", "--quiet", "shop"], tmp_path)
    (tmp_path / "shop" / "a").touch()
    commit(tmp_path / "shop")
    monkeypatch.setattr(template, "origin", fault)
    shop = Repository(str(tmp_path / "shop"))
    result = visit(shop, plan(tmp_path), Releases())
    log = tmp_path / "work" / result.name / "log.txt"

    assert (result.state, result.note) == ("failed", "KeyError: 'planted'")
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="did not end within 0.1 s"):
        Commands(tmp_path / "log.txt", 0.1).run(["sleep", "60"], tmp_path)


def test_passwords_of_urls_are_neither_logged_nor_shown(
    commands: Commands, tmp_path: Path
) -> None:
    url = "https://me:word@a/x"  # pragma: allowlist secret
    done = commands.run(["echo", url], tmp_path)

    assert done.last == "https://a/x"
    assert "word" not in commands.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "passed"), [("true", True), ("false", False)])
def test_gates_run_without_the_secrets_of_the_caller(
    command: str,
    passed: bool,
    commands: Commands,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLEET_TOKEN", "x")
    answers = tmp_path / ".copier-answers.yml"
    answers.write_text("python_version: '3.13'\n", encoding="utf-8")
    ask = plan(tmp_path, f'--gates=test -z "$FLEET_TOKEN" && {command}')
    result = Result("x", "x")

    assert gates.run(tmp_path, False, ask, result, commands) is passed
    assert result.gates == ("pass" if passed else "fail")


def test_waivers_are_named_with_their_days(tmp_path: Path) -> None:
    (tmp_path / "standards").mkdir()
    waiver = "- {rule: DOC-01, reason: later, until: 2030-01-31}\n"
    (tmp_path / "standards/waivers.yml").write_text(waiver, encoding="utf-8")

    assert gates.waived(tmp_path) == ["DOC-01 until 2030-01-31"]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("print(json.dumps({'deviations': DEVIATIONS})); sys.exit(1)", ["a"]),
        ("sys.exit('drift: no git')", "drift: no git"),
    ],
)
def test_a_project_that_knows_its_drift_is_asked(
    script: str, found: list[str] | str, commands: Commands, tmp_path: Path
) -> None:
    deviations = [{"path": "a", "reason": ""}, {"path": "b", "reason": "ours"}]
    text = f"import json, sys\nDEVIATIONS = {deviations}\n{script}\n"
    (tmp_path / "upkeep").mkdir()
    (tmp_path / "upkeep" / "drift.py").write_text(text, encoding="utf-8")

    if isinstance(found, list):
        assert drift.drift(tmp_path, tmp_path, commands) == found
    else:
        with pytest.raises(RefusalError, match=found):
            drift.drift(tmp_path, tmp_path, commands)


@pytest.mark.parametrize(
    ("text", "deviates"),
    [
        (f"a\n{WRITTEN}", False),
        (f"a\n{WRITTEN}\nmine\n", False),
        (f"a\nmine\n{WRITTEN}", True),
        (f"b\n{WRITTEN}", True),
        (None, True),
    ],
)
def test_only_what_stands_below_an_anchor_is_no_drift(
    text: str | None, deviates: bool, tmp_path: Path
) -> None:
    (tmp_path / "written").write_text(f"a\n{WRITTEN}", encoding="utf-8")
    if text is not None:
        (tmp_path / "found").write_text(text, encoding="utf-8")

    assert drift.deviates(tmp_path / "written", tmp_path / "found") is deviates


class _Outside(HTMLParser):
    """Notes what a page would load, and the elements that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str | None] = []
        self.elements: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.loads += [
            value for key, value in attrs if key in ("src", "srcset", "data")
        ]


def test_the_page_loads_nothing_and_takes_what_repositories_say_as_text() -> None:
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
