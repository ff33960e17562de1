"""Read and validate the rules, the gates and the waivers: `read()`."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
# PyYAML's parser in C, if it was built with it. Every scalar is a string.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
KINDS = ("static", "types", "run")


class MalformedError(Exception):
    """A file of this folder is malformed; the message names the file and the entry."""


@dataclass(frozen=True)
class Gate:
    """A command, its exit codes with findings, and patterns of its lines of output."""

    command: str
    kind: str = "static"
    line: str = ""
    finding: str = ""
    blind: str = r"^Traceback \(most recent call last\)"
    codes: str = ""
    needs: str = ""
    within: str = ""
    fix: str = ""
    files: Sequence[str] = ()
    timeout: str = "1800"

    def __post_init__(self) -> None:
        re.compile(self.line)
        re.compile(self.blind)
        float(self.timeout)
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(KINDS)}")


@dataclass(frozen=True)
class Rule:
    """A rule on files, with the gate that checks it, or evidence if no tool can."""

    id: str
    rule: str
    gate: str = ""
    finding: str = ""
    evidence: str = ""
    without: str = ""
    source: str = ""
    why: str = ""
    resolution: str = ""
    files: Sequence[str] = ()

    def __post_init__(self) -> None:
        re.compile(self.finding)
        if bool(self.gate) == bool(self.evidence):
            raise ValueError("needs either a gate or evidence")


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


@dataclass(frozen=True)
class Standard:
    """The rules, gates and waivers of a project by their names."""

    rules: dict[str, Rule]
    gates: dict[str, Gate]
    waivers: dict[str, Waiver]
    # The files that the code rules look at, by rule.
    scopes: dict[str, list[str]]

    def add(self, rule: Rule) -> None:
        """Add a rule; it takes its finding from the gate if it has none."""
        gate = self.gates.get(rule.gate)
        finding = rule.finding or (gate.finding if gate else "")
        if rule.id in self.rules:
            raise ValueError(f"{rule.id} is defined twice")
        if gate and not finding:
            raise ValueError(f"{rule.id}: has no finding")
        if rule.gate == "ast-grep" and rule.id not in self.scopes:
            raise ValueError(f"{rule.id}: code/ has no such rule")
        if not gate and not rule.evidence and not rule.without:
            raise ValueError(f"{rule.id}: no gate is called {rule.gate}")
        files = rule.files or self.scopes.get(rule.id) or (gate.files if gate else ())
        finding = finding.replace("{id}", rule.id)
        self.rules[rule.id] = replace(rule, finding=finding, files=files)


def read(folder: Path = FOLDER) -> Standard:
    """Read all files of the standard; the first error raises MalformedError."""
    standard = Standard({}, {}, {}, read_scopes(folder))
    own = [f"own/{path.name}" for path in sorted(folder.glob("own/*.yml"))]
    files = {"catalogue.yml": {"rules": load(folder, "catalogue.yml", list)}}
    files |= {"gates.yml": {"gates": load(folder, "gates.yml", dict)}}
    files |= {name: load(folder, name, dict) for name in own}
    for file, part in files.items():
        with located(file):
            if part.keys() - {"gates", "rules"}:
                raise ValueError("holds gates and rules")
        for name, words in part.get("gates", {}).items():
            with located(f"{file}: {name}"):
                standard.gates[name] = Gate(**words)
    for file, part in files.items():
        for number, words in enumerate(part.get("rules", [])):
            with located(f"{file}: [{number}]"):
                standard.add(Rule(**words))
    for number, words in enumerate(load(folder, "waivers.yml", list)):
        with located(f"waivers.yml: [{number}]"):
            waiver = Waiver(**words)
            if waiver.rule not in standard.rules:
                raise ValueError(f"no rule is called {waiver.rule}")
            standard.waivers[waiver.rule] = waiver
    return standard


def read_scopes(folder: Path) -> dict[str, list[str]]:
    """Return the patterns of files of the ast-grep rules; `A-1.any` is of A-1."""
    scopes: dict[str, list[str]] = {}
    for path in sorted(folder.glob("code/*.yml")):
        with located(f"code/{path.name}"):
            for rule in yaml.load_all(path.read_bytes(), LOADER):  # nosec B506
                folders = [one for one in rule.get("files", []) if "**" in one]
                scopes.setdefault(rule["id"].partition(".")[0], []).extend(folders)
    return scopes


def load(folder: Path, name: str, kind: type) -> Any:
    """Parse a YAML file that holds a list or a mapping."""
    with located(name):
        content = LOADER((folder / name).read_bytes()).get_single_data()
        if not isinstance(content, kind):
            raise ValueError(f"is no {kind.__name__}")
        return content


@contextmanager
def located(where: str) -> Generator[None]:
    """Raise MalformedError for invalid, missing and unknown values in an entry."""
    try:
        yield
    except (OSError, TypeError, ValueError, re.error, yaml.YAMLError) as error:
        problem = " ".join(str(error).split("__init__() ")[-1].split())
        raise MalformedError(f"standards/{where}: {problem}") from error
