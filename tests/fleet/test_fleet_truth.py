"""The report of the fleet tells what was found on which commit, and no more."""

from pathlib import Path

import pytest

from extensions.fleet import reason
from tests.support.commands import append, commit, succeed
from tests.support.fleet import ADDED, Fleet

NEITHER = """\
ok    0.1 s  isort --check .
FAIL  0.2 s  black --check .

$ black --check .
would reformat app/main.py
Oh no!
To fix it: make format

$ flake8 .
app/main.py:3:1: E401 multiple imports
failed gates: format, flake8
make[1]: *** [Makefile:68: lint] Error 1
app/main.py:9: error: Name "x" is not defined
make[1]: *** [Makefile:76: types] Error 1
make: *** [Makefile:60: check] Error 2
"""


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (NEITHER, "lint: black --check .: would reformat app/main.py"),
        (
            "uv run mypy .\na.py:1: error: wrong\nFound 1 error\n"
            "make: *** [Makefile:76: types] Error 1\n",
            "types: a.py:1: error: wrong",
        ),
        (
            "..F.\nFAILED tests/test_a.py::test_b - assert 1 == 2\n1 failed\n"
            "make: *** [test] Error 1\n",
            "test: FAILED tests/test_a.py::test_b - assert 1 == 2",
        ),
        ("looking\nthe door is open\n", "the door is open"),
        ("", "no output"),
    ],
    ids=["lint of a project", "types", "test", "another command", "silence"],
)
def test_reason_is_the_first_failing_gates_own_words(output: str, words: str) -> None:
    assert reason.of_gates(output) == words


def test_gates_see_the_new_files_of_an_update_on_its_commit(fleet: Fleet) -> None:
    fleet.add("shop")
    fleet.run(f"--gates=git ls-files --error-unmatch {ADDED} && git rev-parse HEAD")
    shop = fleet.results()["shop"]
    log = (fleet.clone("shop").parent / "log.txt").read_text(encoding="utf-8")

    assert (shop["state"], shop["gates"]) == ("updated", "pass")
    assert f"\n{shop['update']}\n" in log


@pytest.mark.parametrize(
    ("gates", "state"),
    [("test -e lock || touch lock", "updated"), ("date +%N > lock", "red")],
    ids=["once", "each time"],
)
def test_gates_that_change_files_have_to_pass_on_the_changed_ones(
    gates: str, state: str, fleet: Fleet
) -> None:
    fleet.add("shop")
    fleet.run(f"--gates={gates}")
    shop = fleet.results()["shop"]

    assert shop["state"] == state
    assert ("it changes lock" in shop["note"]) is (state == "red")


def test_earlier_gates_do_not_count_for_other_options_or_commits(fleet: Fleet) -> None:
    fleet.add("shop", new=True)
    fleet.run()
    assert fleet.results()["shop"]["now"]
    fleet.run()
    assert not fleet.results()["shop"]["now"]
    assert "when visited on" in fleet.page.read_text(encoding="utf-8")
    fleet.run("--gates=false")
    assert fleet.results()["shop"]["state"] == "red"
    fleet.run()
    append(fleet.place / "shop/Makefile", "# More.\n")
    commit(fleet.place / "shop")
    fleet.run()
    assert fleet.results()["shop"]["now"]
    fleet.run("--no-gates")
    assert fleet.results()["shop"]["gates"] == "not run"
    assert "gates: pass" not in fleet.page.read_text(encoding="utf-8")


def pushed(fleet: Fleet) -> str:
    """Return the branch of the update in the repository of the shop."""
    listed = ["git", "for-each-ref", "refs/heads/template-update"]
    return succeed(listed, fleet.place / "shop")


def test_branch_without_gates_is_pushed_only_by_that_name(fleet: Fleet) -> None:
    fleet.add("shop")
    refused = fleet.run("--no-gates", "--push")

    assert refused.returncode == 1 and not pushed(fleet)
    assert "--push-ungated" in fleet.results()["shop"]["unpushed"]
    assert fleet.run("--no-gates", "--push-ungated").returncode == 0
    assert pushed(fleet)


def test_failed_push_is_retried_alone(fleet: Fleet) -> None:
    fleet.add("shop")
    hook = fleet.place / "shop/.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no pushes on Friday\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    counted = f"--gates=echo >> {fleet.place}/gates"
    failed = fleet.run(counted, "--push")

    assert failed.returncode == 1
    assert fleet.results()["shop"]["state"] == "updated"
    assert "no pushes on Friday" in fleet.results()["shop"]["unpushed"]
    assert "not pushed: " in fleet.page.read_text(encoding="utf-8")
    hook.unlink()
    assert fleet.run(counted, "--push").returncode == 0
    assert pushed(fleet) and fleet.results()["shop"]["pushed"]
    assert len((fleet.place / "gates").read_text(encoding="utf-8")) == 1


def test_hooks_and_merge_settings_of_a_repository_change_nothing(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.add("shop")
    shop = fleet.place / "shop"
    for name in ("pre-commit", "post-checkout", "pre-push", "commit-msg"):
        hook = shop / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)
    settings = "[merge]\nff = only\n[pull]\nff = only\n[user]\nname = X\nemail = x@y\n"
    (tmp_path / "gitconfig").write_text(settings, encoding="utf-8")
    succeed(["git", "config", "merge.ff", "only"], shop)
    head = succeed(["git", "rev-parse", "HEAD"], shop)
    done = fleet.run("--push", GIT_CONFIG_GLOBAL=str(tmp_path / "gitconfig"))

    assert done.returncode == 0, done.stdout
    assert pushed(fleet)
    assert succeed(["git", "rev-parse", "HEAD"], shop) == head
    assert not succeed(["git", "status", "--porcelain"], shop)
