"""Reads the rules, the gates and the waivers, and says what is wrong with them."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import yaml
from jsonschema import Draft202012Validator, FormatChecker

FOLDER = Path(__file__).parent
# The same in C, where PyYAML was built with it: every gate begins with reading.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class MalformedError(Exception):
    """A file of this folder is not what it should be: names it, and the key."""


@dataclass(frozen=True)
class Gate:
    """A command, and what a line of its output looks like that tells of a failure."""

    command: str
    kind: str
    line: str = ""
    within: str = ""


@dataclass(frozen=True)
class Rule:
    """One demand, and either the gate that finds it broken or what stands in."""

    id: str
    rule: str
    source: str
    why: str
    gate: str = ""
    finding: str = ""
    evidence: str = ""
    without: str = ""
    resolution: str = ""

    def broken(self, output: str) -> str:
        """Give the line in which a gate says that this rule is broken."""
        if not (match := re.search(self.finding, output, re.MULTILINE)):
            return ""
        begin = output.rfind("\n", 0, match.start() + 1) + 1
        return output[begin:].split("\n", 1)[0].strip()


@dataclass(frozen=True)
class Waiver:
    """A rule that the team does not hold yet."""

    rule: str
    reason: str
    until: str

    def expired(self, today: date) -> bool:
        """Say whether its last day is over."""
        return date.fromisoformat(self.until) < today


@dataclass(frozen=True)
class Standard:
    """Everything that the files of this folder say."""

    rules: dict[str, Rule]
    gates: dict[str, Gate]
    waivers: dict[str, Waiver]


def read(folder: Path = FOLDER) -> Standard:
    """Read the standard; the first thing that is wrong with it ends the reading."""
    catalogue = folder / "catalogue.yml"
    parts = {catalogue: {"rules": load(catalogue, "catalogue")}}
    parts |= {path: load(path, "own") for path in sorted(folder.glob("own/*.yml"))}
    gates = load(folder / "gates.yml", "gates")
    for part in parts.values():
        gates |= part.get("gates", {})
    rules: dict[str, Rule] = {}
    for path, part in parts.items():
        for rule in (Rule(**words) for words in part.get("rules", [])):
            if rule.id in rules:
                wrong(path, f"{rule.id}.id", "is there twice")
            if rule.gate and not rule.without and rule.gate not in gates:
                wrong(path, f"{rule.id}.gate", f"no gate is called {rule.gate}")
            rules[rule.id] = rule
    return Standard(
        rules,
        {name: Gate(**words) for name, words in gates.items()},
        waivers(folder / "waivers.yml", rules),
    )


def waivers(path: Path, rules: dict[str, Rule]) -> dict[str, Waiver]:
    """Read what the team has put off; nobody puts off what is no rule."""
    found: dict[str, Waiver] = {}
    for number, words in enumerate(load(path, "waivers")):
        if words["rule"] not in rules:
            wrong(path, f"[{number}].rule", f"no rule is called {words['rule']}")
        found[words["rule"]] = Waiver(**words)
    return found


def load(path: Path, kind: str) -> Any:
    """Read one file, and hold it against its shape. Every scalar is a text."""
    try:
        content = LOADER(path.read_bytes()).get_single_data()
    except OSError as error:
        wrong(path, "file", error.strerror or "can not be read")
    except yaml.YAMLError as error:
        wrong(path, "file", " ".join(str(error).split()))
    if first := next(validator(kind).iter_errors(content), None):
        wrong(path, first.json_path.removeprefix("$").strip("."), first.message)
    return content


@cache
def validator(kind: str) -> Draft202012Validator:
    """Give what knows the shape of one kind of file."""
    shape = yaml.safe_load((FOLDER / "shape.yml").read_bytes())
    return Draft202012Validator(
        {**shape, "$ref": f"#/$defs/{kind}"}, format_checker=FormatChecker()
    )


def wrong(path: Path, key: str, problem: str) -> NoReturn:
    """Refuse a file in one line."""
    raise MalformedError(f"{path.parent.name}/{path.name}: {key or 'file'}: {problem}")
