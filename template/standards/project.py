"""Check the project's files against the rules that no other tool knows.

`python -m standards.project` prints a line for each broken rule, its id first. Settings
are compared with settings.yml by meaning: a command may have more options.
"""

import os
import re
import shlex
import subprocess  # nosec B404
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any, cast

from standards.catalogue import FOLDER, LOADER

ROOT = FOLDER.parent
DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
# The path of a setting and one of its values; a line of a text has no path.
Setting = tuple[str, str]
# Some tools take a list of patterns as one text.
LIST = re.compile(r"[,\s]+")
# What gives a table in a list its name.
NAMES = ("id", "name", "module")
# What starts a tool of the environment, in a script and in the Makefile.
LAUNCHER = re.compile(
    r"((uv|poetry) run (--\S+ )*|env PATH=\S+ |\S*\.venv/bin/|python3? -m )+"
)
# Forgives the waived findings of a gate that failed.
WAIVED = re.compile(r" \|\| [^|;&]*standards\.report --waived \S+$")
# Options that make a tool find less.
WEAKER = re.compile(
    r"(--(exit-zero|no-cov|co(llect-only)?|lf|last-failed|sw|stepwise\S*|isolated|off"
    r"|select|(extend-)?ignore(-glob|-errors)?|(extend-|force-)?exclude|rcfile|omit"
    r"|(extend-)?skip(-glob)?|deselect|config-file|per-file-ignores|disable-error-code"
    r"|(allow-(any|untyped)|implicit)\S*|cov-fail-under=[0-7]?\d|follow-imports|globs)"
    r"|-[km])(=.*)?"
)


def output(command: str, given: str = "") -> str:
    """Return what a command prints outside of the make that runs this check."""
    outer = {name: text for name, text in os.environ.items() if "MAKE" not in name}
    words = shlex.split(command)
    done = subprocess.run(  # nosec B603
        words,
        cwd=ROOT,
        env=outer,
        input=given.encode(),
        capture_output=True,
        check=False,
    )
    return done.stdout.decode(errors="replace")


def read_base(path: str) -> str:
    """Return a file or the list of a folder as the base branch has it, or nothing.

    BASE_REVISION names the base in pipelines; elsewhere it is the last commit in common
    with the default branch. Exits if a shallow clone lacks the base.
    """
    bases = (output(f"git merge-base HEAD {it}").strip() for it in DEFAULT_BRANCHES)
    base = os.environ.get("BASE_REVISION") or next(filter(None, bases), "")
    is_there = output(f"git rev-parse --verify --quiet {base}^{{commit}}")
    shallow = output("git rev-parse --is-shallow-repository")
    if base and not is_there and "false" not in shallow:
        sys.exit(f"error: {base} is not in this clone: fetch more commits")
    return output(f"git show {base}:./{path}") if is_there else ""


def settings(source: str) -> list[Setting]:
    """Return the settings of a file, or the lines of a text or a command's output."""
    path = ROOT / source
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if source.endswith(".toml"):
        return [*flatten(tomllib.loads(text))]
    if not re.search(r"\.(ya?ml|json)$", source):
        text = output(source) if " " in source else text
        return [("", line) for line in text.splitlines()]
    content: dict[str, Any] = LOADER(text).get_single_data() or {}
    for hook in (hook for one in content.get("repos", []) for hook in one["hooks"]):
        # A hook of another repository has no entry: its id names the program.
        hook["entry"] = " ".join([hook.get("entry", hook["id"]), *hook.get("args", [])])
    return [*flatten(content)]


def flatten(data: Any, path: str = "") -> Iterator[Setting]:
    """Yield each value with its path, and texts line by line."""
    if isinstance(data, dict):
        table = cast("dict[str, Any]", data)
        path = f"optional {path}" if is_optional(table) else path
        for key, value in table.items():
            yield from flatten(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for one in cast("list[object]", data):
            named = cast("dict[str, str]", one) if isinstance(one, dict) else {}
            name = next((f".{named[key]}" for key in NAMES if key in named), "")
            yield from flatten(one, path + name)
    else:
        # A regular expression may have several lines.
        lines = [str(data)] if path.endswith("exclude") else str(data).splitlines()
        yield from ((path, line) for line in lines)


def is_optional(table: dict[str, Any]) -> bool:
    """Return whether a step, a job or a hook may be skipped, or may fail."""
    manual = "id" in table and "pre-commit" not in table.get("stages", ["pre-commit"])
    never = table.get("when") in ("manual", "never")
    fails = [table.get(key, "false") for key in ("continue-on-error", "allow_failure")]
    return "if" in table or manual or never or fails != ["false", "false"]


def setting_findings() -> Iterator[str]:
    """Compare the project with settings.yml, which explains the verbs."""
    table = LOADER((FOLDER / "settings.yml").read_bytes()).get_single_data()
    for source, checks in table.items():
        names = [source]
        if "*" in source and " " not in source:
            names = [path.relative_to(ROOT).as_posix() for path in ROOT.glob(source)]
        for name in names:
            # Of a command, its name is enough.
            found, where = settings(name), name.partition(" -")[0]
            for rules, verb, wanted in (check.split(maxsplit=2) for check in checks):
                parts = wanted.split(" & ")
                lines = [it for one in parts for it in differ(verb, one, found)]
                for rule in rules.split(","):
                    yield from (f"{rule}: {where}: {line}" for line in lines)


def differ(verb: str, wanted: str, found: list[Setting]) -> Iterator[str]:
    """Yield what a check finds wrong with the settings."""
    path, _, rest = wanted.partition("=" if verb == "keeps" else " ")
    lines = {f"{key}={value}" if key else value: key for key, value in found}
    matching = {line: key for line, key in lines.items() if re.fullmatch(wanted, line)}
    if verb == "refuses":
        yield from (f"{line} is refused" for line in matching)
    elif verb == "needs" and not matching:
        yield f"needs {wanted}"
    elif verb == "keeps":
        keys = {key for key, _ in found if re.fullmatch(path, key)}
        keys -= {*matching.values()}
        yield from (f"{key} needs {rest}" for key in sorted(keys))
    elif verb == "lists" and (missing := lacks(path, rest, found)):
        yield f"{path} lacks {', '.join(missing)}"
    elif verb == "runs" and not runs(path, rest, found):
        yield f"{path} does not run {rest} on the whole project"
    elif verb in ("globs", "regexes"):
        values = [value for key, value in found if re.fullmatch(rest, key)]
        yield from (f"{rest} hides {name}" for name in hidden(verb, path, values))


def lacks(path: str, wanted: str, found: list[Setting]) -> list[str]:
    """Return the wanted values or keys that a path lacks; extras may be asked for."""
    names: set[str] = set()
    for key, value in found:
        below = re.match(rf"{path}(?:\.([^.]+).*)?$", key)
        text = (below[1] or value) if below else ""
        name, extras = re.findall(r"^([^\s\[<>=!~;]*)(?:\[([^\]]*)\])?", text)[0]
        names |= {name, *(f"{name}[{extra.strip()}]" for extra in extras.split(","))}
    return [one for one in wanted.split() if names.isdisjoint(one.split("|"))]


def hidden(verb: str, folders: str, values: list[str]) -> Iterator[str]:
    """Yield the first module of the folders that each pattern leaves out."""
    names = [
        f"/{path.relative_to(ROOT).as_posix()}"
        for folder in folders.split("|")
        for path in sorted(ROOT.glob(f"{folder}/**/*.py"))
    ]
    for value in filter(None, values):
        if verb == "regexes":
            found = re.compile(value, re.X if "\n" in value else 0)
            hit = [it for it in names if found.search(it) or found.search(it[1:])]
        else:
            bare = [re.sub(r"^(\.?/|\*+/)+|/\**$", "", it) for it in LIST.split(value)]
            ends = [f"*/{it}{end}" for it in bare if it for end in ("", "/*")]
            hit = [it for it in names if any(fnmatch(it, end) for end in ends)]
        yield from (f"{it[1:]} by {value!r}" for it in hit[:1])


def runs(path: str, wanted: str, found: list[Setting]) -> bool:
    """Return whether a command runs with all its options, on the whole project."""
    waived = [value for key, value in found if key.endswith(".WAIVED")]
    tool, *options = wanted.split()
    return any(
        re.fullmatch(tool, command[0])
        and all(any(re.fullmatch(it, word) for word in command) for it in options)
        and not narrowed(command)
        for key, script in found
        if re.fullmatch(path, key)
        for command in commands(script.replace("$WAIVED", "".join(waived[:1])))
    )


def commands(script: str) -> list[list[str]]:
    """Split a line into commands, without those whose failure may be lost."""
    parts = WAIVED.sub("", script.strip()).split(" && ")
    safe = [part for part in parts if not re.search("[|;&]", part)]
    words = [shlex.split(LAUNCHER.sub("", part, count=1)) for part in safe]
    return [command for command in words if command]


def narrowed(command: list[str]) -> bool:
    """Return whether a command has options or paths with which it finds less."""
    return any(
        WEAKER.fullmatch(word)
        or word not in (".", "tests")
        and re.match(r"[^-].*", word)
        and (word.endswith(".py") or (ROOT / word).is_dir())
        for word in command[1:]
    )


def ends_of_files() -> Iterator[str]:
    """Find files that do not end in one newline."""
    listed = output("git grep --no-color --no-index --exclude-standard -Ilze ''")
    for name in listed.split("\0")[:-1]:
        content = (ROOT / name).read_bytes()
        if content.strip() and not re.search(rb"[^\r\n]\r?\n\Z", content):
            yield f"HOOK-12: {name}: does not end in one newline (make format)"


def main() -> int:
    """Print all findings; return 1 if there is one."""
    lines = [*setting_findings(), *ends_of_files()]
    print(*lines, sep="\n", end="\n" if lines else "")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
