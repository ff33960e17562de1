"""Read and validate the rules, the gates and the waivers: `read()`."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

FOLDER = Path(__file__).parent
# PyYAML's parser in C, if it was built with it. Every scalar is a string.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
KINDS = ("static", "types", "run")


class MalformedError(Exception):
    """A file of this folder is malformed; the message names the file and the entry."""


@dataclass(frozen=True)
class Gate:
    """A command, and regular expressions for the lines of its output."""

    command: str
    kind: str
    line: str = ""
    finding: str = ""
    within: str = ""
    fix: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(KINDS)}")
        re.compile(self.line)


@dataclass(frozen=True)
class Rule:
    """A rule with the gate that checks it, or with evidence if no tool can."""

    id: str
    rule: str
    gate: str = ""
    finding: str = ""
    evidence: str = ""
    without: str = ""
    source: str = ""
    why: str = ""
    resolution: str = ""

    def __post_init__(self) -> None:
        if bool(self.gate) == bool(self.evidence):
            raise ValueError("needs either a gate or evidence")
        re.compile(self.finding)


@dataclass(frozen=True)
class Waiver:
    """A rule that the project may break up to and including a day."""

    rule: str
    reason: str
    until: str

    def __post_init__(self) -> None:
        date.fromisoformat(self.until)

    @property
    def expired(self) -> bool:
        """Whether the last day has passed."""
        return date.fromisoformat(self.until) < datetime.now(UTC).date()


Entry = TypeVar("Entry", Gate, Rule, Waiver)


@dataclass(frozen=True)
class Standard:
    """The rules, gates and waivers of a project by their names."""

    rules: dict[str, Rule]
    gates: dict[str, Gate]
    waivers: dict[str, Waiver]


def read(folder: Path = FOLDER) -> Standard:
    """Read all files of the standard; the first error raises MalformedError."""
    parts = {"catalogue.yml": {"rules": load(folder / "catalogue.yml", list)}}
    parts["gates.yml"] = {"gates": load(folder / "gates.yml", dict)}
    for path in sorted(folder.glob("own/*.yml")):
        parts[f"own/{path.name}"] = load(path, dict)
    standard = Standard({}, {}, {})
    for file, part in parts.items():
        refuse_if(part.keys() - {"gates", "rules"}, f"{file}: holds gates and rules")
        for name, words in part.get("gates", {}).items():
            standard.gates[name] = build(Gate, words, f"{file}: {name}")
    for file, part in parts.items():
        for number, words in enumerate(part.get("rules", [])):
            rule = build(Rule, words, f"{file}: [{number}]")
            refuse_if(rule.id in standard.rules, f"{file}: {rule.id} is defined twice")
            standard.rules[rule.id] = complete(rule, standard.gates, file)
    for number, words in enumerate(load(folder / "waivers.yml", list)):
        waiver = build(Waiver, words, f"waivers.yml: [{number}]")
        unknown = waiver.rule not in standard.rules
        refuse_if(unknown, f"waivers.yml: no rule is called {waiver.rule}")
        standard.waivers[waiver.rule] = waiver
    return standard


def complete(rule: Rule, gates: dict[str, Gate], file: str) -> Rule:
    """Take the pattern of a finding from the gate, if the rule has none."""
    if rule.gate not in gates:
        known = rule.evidence or rule.without
        refuse_if(not known, f"{file}: {rule.id}: no gate is called {rule.gate}")
        return rule
    finding = rule.finding or gates[rule.gate].finding.replace("{id}", rule.id)
    refuse_if(not finding, f"{file}: {rule.id}: has no finding")
    return replace(rule, finding=finding)


def load(path: Path, kind: type) -> Any:
    """Parse a YAML file that holds a list or a mapping."""
    try:
        content = LOADER(path.read_bytes()).get_single_data()
    except (OSError, yaml.YAMLError) as error:
        raise MalformedError(f"{path.name}: {' '.join(str(error).split())}") from error
    refuse_if(not isinstance(content, kind), f"{path.name}: is no {kind.__name__}")
    return content


def build(kind: type[Entry], words: Any, where: str) -> Entry:
    """Create an entry; unknown, missing and invalid values raise MalformedError."""
    try:
        return kind(**words)
    except (TypeError, ValueError, re.error) as error:
        problem = str(error).removeprefix(f"{kind.__name__}.__init__() ")
        raise MalformedError(f"standards/{where}: {problem}") from error


def refuse_if(condition: object, message: str) -> None:
    """Raise MalformedError if the condition is true."""
    if condition:
        raise MalformedError(f"standards/{message}")
