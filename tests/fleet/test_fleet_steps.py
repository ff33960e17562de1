"""Each step of a visit to a repository, tested alone."""

import time
from pathlib import Path

import pytest

from extensions.commands import Commands
from extensions.fleet import gates, guard, template
from extensions.fleet.listing import Repository
from extensions.fleet.plan import Plan, parse
from extensions.fleet.result import Result
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE
from tests.support.commands import commit, succeed
from tests.support.fixture_types import Copy
from tests.support.release_history import adopt
from tests.support.sample_releases import substitute


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Return a command runner with a log."""
    return Commands(tmp_path / "log.txt", 60)


def plan(place: Path, *options: str) -> Plan:
    """Return the options of a run that works in this folder."""
    return parse([str(place / "list.txt"), f"--work={place / 'work'}", *options])


def test_unexpected_error_is_a_result_with_a_traceback_in_the_log(
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


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ("_commit: v1\n_src_path: x\nproject_name: X\n", None),
        ("_src_path: x\n", "does not say _commit and _src_path"),
        ("- a\n", "does not say"),
        ("{", "can not be read"),
    ],
)
def test_answers_of_another_template_or_incomplete_ones_are_no_project(
    answers: str, problem: str | None, commands: Commands, tmp_path: Path
) -> None:
    (tmp_path / ".copier-answers.yml").write_text(answers, encoding="utf-8")

    if problem is None:
        assert template.origin(tmp_path, commands) is None
    else:
        with pytest.raises(RefusalError, match=problem):
            template.origin(tmp_path, commands)


def test_hanging_command_is_killed(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="did not end within 0.1 s"):
        Commands(tmp_path / "log.txt", 0.1).run(["sleep", "60"], tmp_path)


def test_passwords_in_urls_are_neither_logged_nor_shown(
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

    assert gates.run(tmp_path, ask, result, commands) is passed
    assert result.gates == ("pass" if passed else "fail")


def test_server_that_gates_leave_behind_ends_with_them(
    commands: Commands, tmp_path: Path
) -> None:
    answers = tmp_path / ".copier-answers.yml"
    answers.write_text("python_version: '3.13'\n", encoding="utf-8")
    ask = plan(
        tmp_path, "--gates=setsid sleep 600 & echo $! > pid; echo $FLEET_COMMAND"
    )
    start = time.monotonic()

    assert gates.run(tmp_path, ask, Result("x", "x"), commands)
    assert time.monotonic() - start < commands.limit
    mark = commands.log.read_text(encoding="utf-8").split()[-1]
    assert not guard.processes(f"{gates.VARIABLE}={mark}")


def test_waivers_are_listed_with_their_last_days(tmp_path: Path) -> None:
    (tmp_path / "standards").mkdir()
    waiver = "- {rule: DOC-01, reason: later, until: 2030-01-31}\n"
    (tmp_path / "standards/waivers.yml").write_text(waiver, encoding="utf-8")

    assert gates.waived(tmp_path) == ["DOC-01 until 2030-01-31"]


@pytest.mark.parametrize("database", ["sqlite", "nothing"])
def test_edited_answers_are_refused_as_by_the_project(
    database: str, copy: Copy, tmp_path: Path
) -> None:
    shop = copy(tmp_path / "shop")
    substitute(shop / ANSWERS_FILE, "database: postgresql", f"database: {database}")
    result = visit(Repository(str(adopt(shop))), plan(tmp_path), Releases())

    assert result.state == "failed"
    assert f"{ANSWERS_FILE} was edited by hand" in result.note
    assert "make update ARGS='--data NAME=ANSWER'" in result.note
