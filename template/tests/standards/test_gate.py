"""One gate alone gives its own exit code, and forgives what is waived."""

import subprocess  # nosec B404
import sys
from pathlib import Path

import pytest

from standards.catalogue import FOLDER
from standards.gate import main

RULE = "- {{id: {0}, rule: r, source: s, why: w, gate: words, finding: '^bad: {0}'}}\n"
GATES = "words: {command: 'echo bad: A-1; exit 1', kind: static, line: '^bad: '}\n"
WAIVER = "- {{rule: {}, reason: later, until: {}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a small standard of which one rule is broken, and waived."""
    (tmp_path / "catalogue.yml").write_text(RULE.format("A-1") + RULE.format("A-2"))
    (tmp_path / "gates.yml").write_text(GATES)
    (tmp_path / "waivers.yml").write_text(WAIVER.format("A-1", "2999-12-31"))
    return tmp_path


def test_what_is_waived_is_shown_and_forgiven(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["words"], folder) == 0
    assert "bad: A-1" in capsys.readouterr().out


def test_a_waiver_that_is_over_forgives_nothing(folder: Path) -> None:
    waivers = WAIVER.format("A-1", "2001-01-31") + WAIVER.format("A-2", "2999-12-31")
    (folder / "waivers.yml").write_text(waivers)

    assert main(["words"], folder) == 1


def test_another_command_is_judged_like_the_gate(folder: Path) -> None:
    assert main(["words", "echo", "bad: A-1;", "exit", "1"], folder) == 0
    assert main(["words", "echo", "bad: A-2;", "exit", "1"], folder) == 1


def test_a_gate_that_is_not_there_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sounds"], folder) == 2
    assert capsys.readouterr().err == "no gate is called sounds\n"


@pytest.mark.blocks
@pytest.mark.parametrize(("command", "code"), [("true", 0), ("exit 7", 7)])
def test_without_a_waiver_it_is_the_tool_itself(command: str, code: int) -> None:
    asked = [sys.executable, "-m", "standards.gate", "black", *command.split()]
    said = subprocess.run(asked, cwd=FOLDER.parent, check=False)  # nosec B603

    assert said.returncode == code
