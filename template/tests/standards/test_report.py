"""The report tells what is broken, what is waived, and what is no data at all."""

import json
from pathlib import Path

import pytest

from standards.catalogue import FOLDER, read
from standards.report import main

RULE = "{{id: {id}, rule: r, source: s, why: w, gate: {gate}, finding: {finding}}}\n"
CATALOGUE = "- ".join(
    (
        "",
        RULE.format(id="A-1", gate="words", finding="'^bad: one'"),
        RULE.format(id="A-2", gate="words", finding="'^bad: two'"),
        "{id: A-3, rule: r, source: s, why: w, evidence: a judgement}\n",
    )
)
GATES = "words: {{command: '{command}', kind: static, line: '^bad: '}}\n"
WAIVER = "- {{rule: A-1, reason: later, until: {until}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a small standard whose one gate finds A-1 broken."""
    (tmp_path / "catalogue.yml").write_text(CATALOGUE)
    (tmp_path / "gates.yml").write_text(GATES.format(command="echo bad: one; exit 1"))
    (tmp_path / "waivers.yml").write_text("[]\n")
    (tmp_path / "own").mkdir()
    return tmp_path


def states(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Run the report, and give what it says of each rule."""
    capsys.readouterr()
    main(["--json"], folder)
    rules = json.loads(capsys.readouterr().out)["rules"]
    return {rule["rule"]: rule["state"] for rule in rules}


def test_the_standard_of_this_project_is_well_formed() -> None:
    standard = read()

    assert standard.rules and FOLDER.name == "standards"


def test_a_rule_that_its_gate_finds_is_broken_and_its_neighbour_holds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], folder) == 1
    assert "bad: one" in capsys.readouterr().out
    assert states(folder, capsys) == {
        "A-1": "broken",
        "A-2": "holds",
        "A-3": "evidence",
    }


def test_nothing_is_red_when_no_gate_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gates.yml").write_text(GATES.format(command="true"))

    assert main([], folder) == 0
    assert states(folder, capsys)["A-1"] == "holds"


def test_a_gate_that_breaks_down_proves_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gates.yml").write_text(
        GATES.format(command="echo no such tool; exit 127")
    )

    assert main([], folder) == 1
    assert states(folder, capsys)["A-1"] == "unknown"


def test_a_waiver_forgives_its_rule_until_its_day(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "waivers.yml").write_text(WAIVER.format(until="2999-12-31"))

    assert main([], folder) == 0
    assert states(folder, capsys)["A-1"] == "waived"


def test_a_waiver_that_is_over_fails_though_the_rule_holds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "waivers.yml").write_text(WAIVER.format(until="2001-01-31"))
    (folder / "gates.yml").write_text(GATES.format(command="true"))

    assert main([], folder) == 1
    assert states(folder, capsys)["A-1"] == "expired"


def test_a_waiver_forgives_no_other_finding_of_the_same_gate(folder: Path) -> None:
    (folder / "waivers.yml").write_text(WAIVER.format(until="2999-12-31"))
    said = GATES.format(command="echo bad: one; echo bad: else; exit 1")
    (folder / "gates.yml").write_text(said)

    assert main([], folder) == 1


def test_what_runs_code_is_left_out_on_request(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = GATES.format(command="exit 1").replace("static", "run")
    (folder / "gates.yml").write_text(said)

    assert main(["--static"], folder) == 0
    assert "not run" in capsys.readouterr().out


def test_a_rule_of_the_team_is_judged_like_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = RULE.format(id="TEAM-1", gate="ours", finding="ouch")
    gate = "gates: {ours: {command: echo ouch; exit 1, kind: static}}\n"
    (folder / "own" / "rules.yml").write_text(f"rules:\n  - {rule}{gate}")

    assert main([], folder) == 1
    assert states(folder, capsys)["TEAM-1"] == "broken"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        (
            "catalogue.yml",
            "- {id: A-1, gate: words, finding: x}\n",
            "catalogue.yml: [0]: 'rule' is a",
        ),
        ("catalogue.yml", CATALOGUE.replace("A-2", "A-1"), "catalogue.yml: A-1.id: is"),
        ("catalogue.yml", "- {id: [\n", "catalogue.yml: file: while parsing"),
        ("catalogue.yml", CATALOGUE.replace("'^bad: one'", "'('"), "[0].finding: '('"),
        (
            "gates.yml",
            "words: {command: 'true', kind: slow}\n",
            "words.kind: 'slow' is",
        ),
        ("gates.yml", "{}\n", "catalogue.yml: A-1.gate: no gate is called words"),
        ("waivers.yml", WAIVER.format(until="soon"), "waivers.yml: [0].until: 'soon'"),
        ("waivers.yml", "- {rule: A-1}\n", "waivers.yml: [0]: 'reason' is a required"),
        (
            "waivers.yml",
            WAIVER.format(until="2999-12-31").replace("A-1", "A-9"),
            "waivers.yml: [0].rule: no rule is called A-9",
        ),
        ("own/rules.yml", "rule: []\n", "own/rules.yml: file: Additional properties"),
    ],
)
def test_what_is_malformed_is_named_in_one_line(
    file: str, text: str, line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / file).write_text(text)

    assert main([], folder) == 2
    assert line in (said := capsys.readouterr().err)
    assert len(said.splitlines()) == 1
