"""The runner in `standards/`: reports, waivers and the exit codes of gates."""

import json
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import Completed
from tests.support.fixture_types import Project, Run

RULE = "- {{id: {id}, rule: r, gate: {gate}, finding: {finding}}}\n"
CATALOGUE = (
    RULE.format(id="A-1", gate="words", finding="'^bad: A-1'")
    + RULE.format(id="A-2", gate="words", finding="'^bad: A-2'")
    + "- {id: A-3, rule: r, evidence: a judgement}\n"
    + "- {id: A-4, rule: r, gate: image, without: no image}\n"
)
GATES = "words: {{command: '{command}', kind: static, line: '^bad: ', fix: make it}}\n"
WAIVER = "- {{rule: {rule}, reason: later, until: {until}}}\n"
VALID, EXPIRED = "2999-12-31", "2001-01-31"


class Runner:
    """A small standard, with the runner of a rendered project."""

    def __init__(self, folder: Path, project: Path, run: Run) -> None:
        """Create a standard whose gate reports rule A-1."""
        self.folder, self.run = folder / "standards", run
        shutil.copytree(project / "standards", self.folder)
        self.write("catalogue.yml", CATALOGUE)
        self.write("own/rules.yml", "{}\n")
        self.say("echo bad: A-1; exit 1")

    def write(self, name: str, text: str) -> None:
        """Write a file of the standard."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def say(self, command: str, kind: str = "static") -> None:
        """Set the command of the gate."""
        gates = GATES.format(command=command).replace("static", kind)
        self.write("gates.yml", gates)

    def report(self, *options: str) -> Completed:
        """Run the report."""
        command = [sys.executable, "-m", "standards.report", *options]
        return self.run(command, self.folder.parent)

    def states(self) -> dict[str, str]:
        """Return the state of each rule."""
        rules = json.loads(self.report("--json").stdout)["rules"]
        return {rule["rule"]: rule["state"] for rule in rules}


@pytest.fixture
def runner(tmp_path: Path, render: Project, run: Run) -> Runner:
    """Return a standard in which one rule is broken."""
    return Runner(tmp_path, render(), run)


def test_broken_rule_is_reported_with_the_gates_output(runner: Runner) -> None:
    reported = runner.report()

    assert reported.returncode == 1
    assert "$ echo bad: A-1; exit 1\nbad: A-1\nTo fix it: make it" in reported.stdout
    assert runner.states() == {
        "A-1": "broken",
        "A-2": "holds",
        "A-3": "evidence",
        "A-4": "evidence",
    }


def test_passing_gate_means_that_its_rules_hold(runner: Runner) -> None:
    runner.say("true")

    assert runner.report().returncode == 0
    assert runner.states()["A-1"] == "holds"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("no-such-tool", "bash: line 1: no-such-tool: command not found"),
        ("exit 3", "no output, exit code 3"),
        ("echo other; exit 1", "other"),
        ("echo bad: import; exit 4", "bad: import"),
        ('printf "\\xff\\n"; exit 1', "\N{REPLACEMENT CHARACTER}"),
        ("echo bad: x; python3 -c 1/0", "Traceback (most recent call last):"),
        ("echo BLIND; true", "BLIND"),
        ("echo bad: x; echo BLIND; exit 1", "BLIND"),
        ("sleep 9", "error: stopped after 1 seconds"),
        ("git grep --no-such-option | xargs -0r echo", "error: unknown option"),
    ],
)
def test_gate_that_did_not_look_leaves_rules_unjudged(
    command: str, reason: str, runner: Runner
) -> None:
    more = "codes: 1, blind: ^(Traceback|BLIND), timeout: 1"
    runner.write(
        "gates.yml", f"words: {{command: '{command}', line: '^bad: ', {more}}}"
    )
    reported = runner.report()
    rows = json.loads(runner.report("--json").stdout)["rules"]

    assert reported.returncode == 1
    assert "failed gates: words" in reported.stdout
    assert [row["state"] for row in rows[:2]] == ["not judged", "not judged"]
    assert rows[0]["where"].startswith(reason)
    runner.write("waivers.yml", WAIVER.format(rule="A-1", until=VALID))
    assert runner.report().returncode == 1


def test_timeout_ends_the_children_of_a_gate(runner: Runner) -> None:
    command = "(sleep 2; touch late) & wait"
    runner.write("gates.yml", f"words: {{command: '{command}', timeout: 1}}\n")
    runner.report()
    time.sleep(2)

    assert not (runner.folder.parent / "late").exists()


def test_gate_whose_reader_failed_is_not_judged(runner: Runner) -> None:
    other = "first: {command: 'echo cannot parse; exit 1'}\n"
    runner.write("gates.yml", f"{other}words: {{command: 'true', needs: first}}\n")

    assert runner.report().returncode == 1
    assert runner.states()["A-1"] == "not judged"


def test_coloured_finding_is_found(runner: Runner) -> None:
    runner.say(r'printf "\e[1m\e[31mbad:\e[0m A-1\e]8;;file:x\e\\\n"; exit 1')

    assert runner.states()["A-1"] == "broken"


def test_finding_before_a_crash_is_kept(runner: Runner) -> None:
    runner.say(
        "echo bad: A-1; echo Traceback (most recent call last):; exit 1".replace(
            "(", "\\("
        ).replace(")", "\\)")
    )

    assert runner.states()["A-1"] == "broken"
    assert runner.states()["A-2"] == "not judged"


def test_long_output_is_read_to_its_end(runner: Runner) -> None:
    runner.say("seq 300000; echo bad: A-1; exit 1")

    assert runner.states()["A-1"] == "broken"


def test_rule_without_a_file_to_look_at_says_so(runner: Runner) -> None:
    rule = "- {id: A-1, rule: r, gate: words, finding: x, files: [app/**/*.py]}\n"
    runner.write("catalogue.yml", rule)
    runner.say("true")

    assert runner.report().returncode == 0
    assert runner.states() == {"A-1": "no files"}
    (runner.folder.parent / "app").mkdir()
    (runner.folder.parent / "app/main.py").touch()
    assert runner.states() == {"A-1": "holds"}


def test_rule_whose_gate_is_weakened_is_broken_until_it_is_waived(
    runner: Runner,
) -> None:
    settings = "echo A-2: settings; exit 1"
    runner.write(
        "gates.yml",
        "words: {command: 'true'}\n"
        f"settings: {{command: '{settings}', line: '^[A-Z]+-.: '}}\n",
    )

    assert runner.states()["A-1"] == "holds"
    assert runner.states()["A-2"] == "broken"
    runner.write("waivers.yml", WAIVER.format(rule="A-2", until=VALID))
    assert runner.states()["A-2"] == "waived"
    assert runner.report().returncode == 0


def test_lint_prints_each_command(runner: Runner) -> None:
    runner.say("echo fine")

    assert "  echo fine\n" in runner.report("--lint").stdout


@pytest.mark.parametrize("options", [[], ["--lint"], ["--waived", "words"]])
def test_waiver_excuses_its_rule_up_to_its_last_day(
    options: list[str], runner: Runner
) -> None:
    assert runner.report(*options).returncode == 1
    runner.write("waivers.yml", WAIVER.format(rule="A-1", until=VALID))
    assert runner.report(*options).returncode == 0
    assert runner.states()["A-1"] == "waived"
    runner.write("waivers.yml", WAIVER.format(rule="A-1", until=EXPIRED))
    assert runner.report(*options).returncode == 1


@pytest.mark.parametrize("options", [[], ["--waived", "words"]])
def test_waiver_excuses_no_other_finding_of_its_gate(
    options: list[str], runner: Runner
) -> None:
    runner.write("waivers.yml", WAIVER.format(rule="A-1", until=VALID))
    runner.say("echo bad: A-1; echo bad: else; exit 1")

    assert runner.report(*options).returncode == 1


def test_expired_waiver_fails_although_the_rule_holds(runner: Runner) -> None:
    runner.write("waivers.yml", WAIVER.format(rule="A-1", until=EXPIRED))
    runner.say("true")

    assert runner.report().returncode == 1
    assert runner.states()["A-1"] == "expired"


def test_failed_gate_is_not_run_again_without_a_waiver(runner: Runner) -> None:
    runner.write("waivers.yml", "[]\n")
    runner.say("touch ran")

    assert runner.report("--waived", "words").returncode == 1
    assert not (runner.folder.parent / "ran").exists()


def test_unknown_gate_is_named(runner: Runner) -> None:
    assert runner.report("--waived", "sounds").stderr == "no gate is called sounds\n"


def test_gates_that_run_code_are_skipped_on_request(runner: Runner) -> None:
    runner.say("exit 1", kind="run")
    reported = runner.report("--static")

    assert reported.returncode == 0
    assert "not run" in reported.stdout


def test_rules_of_the_team_are_checked(runner: Runner) -> None:
    rule = "{id: TEAM-1, rule: r, source: s, why: w, gate: ours, finding: ouch}"
    gate = "gates: {ours: {command: echo ouch; exit 1, kind: static}}\n"
    runner.write("own/rules.yml", f"rules:\n  - {rule}\n{gate}")

    assert runner.report().returncode == 1
    assert runner.states()["TEAM-1"] == "broken"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        (
            "catalogue.yml",
            "- {id: A-1, gate: words}\n",
            "catalogue.yml: [0]: missing 1",
        ),
        ("catalogue.yml", CATALOGUE.replace("A-2", "A-1"), "A-1 is defined twice"),
        ("catalogue.yml", "- {id: [\n", "catalogue.yml: while parsing"),
        ("catalogue.yml", "{}\n", "catalogue.yml: is no list"),
        ("catalogue.yml", "- {id: A-1, rule: r}\n", "needs either a gate or evidence"),
        (
            "catalogue.yml",
            CATALOGUE.replace("'^bad: A-1'", "'('"),
            "[0]: missing ), un",
        ),
        ("catalogue.yml", "- {id: A-1, rule: r, gate: words}\n", "A-1: has no finding"),
        (
            "gates.yml",
            "words: {command: 'true', kind: slow}\n",
            "words: kind 'slow' is",
        ),
        ("gates.yml", "{}\n", "catalogue.yml: [0]: A-1: no gate is called words"),
        ("waivers.yml", WAIVER.format(rule="A-1", until="soon"), "[0]: Invalid isofo"),
        ("waivers.yml", "- {rule: A-1}\n", "waivers.yml: [0]: missing 2 required"),
        (
            "waivers.yml",
            WAIVER.format(rule="A-9", until=VALID),
            "no rule is called A-9",
        ),
        ("own/rules.yml", "rule: []\n", "own/rules.yml: holds gates and rules"),
        ("own/rules.yml", "rules: [x]\n", "own/rules.yml: [0]: "),
    ],
)
def test_malformed_file_is_named_in_one_line(
    file: str, text: str, line: str, runner: Runner
) -> None:
    runner.write(file, text)
    reported = runner.report()

    assert reported.returncode == 2
    assert line in reported.stderr
    assert len(reported.stderr.splitlines()) == 1
