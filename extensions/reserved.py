"""Names that no project may have: writes includes/reserved.jinja."""

import argparse
import inspect
import keyword
import re
import sys
import tomllib
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from extensions.questions import ROOT

Names = dict[str, set[str]]

FILE = "includes/reserved.jinja"
PYPROJECT = "template/pyproject.toml.jinja"
HEAD = "{# Written by `python -m extensions.reserved`; in the spelling of a slug. #}\n"
LIST = re.compile(r"^# \{% set (\w+) %\}\n(.*?)^# \{% endset %\}$", re.M | re.S)


def slugs(names: Iterable[str]) -> set[str]:
    """The names as a slug would spell them; what no slug can be is left out."""
    spelled = {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    return {name for name in spelled if re.fullmatch("[a-z][a-z0-9-]*", name)}


def required(pyproject: str) -> set[str]:
    """What the generated project names as a dependency, in whatever role."""
    data: dict[str, Any] = tomllib.loads(pyproject)
    lists = [
        data.get("build-system", {}).get("requires", []),
        data["project"].get("dependencies", []),
        *data["project"].get("optional-dependencies", {}).values(),
        *data.get("dependency-groups", {}).values(),
    ]
    lines = [line for lines in lists for line in lines if isinstance(line, str)]
    return {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines}


def installed(folders: Sequence[str]) -> set[str]:
    """What stands in these site-packages: distributions and what they import as."""
    found = [*distributions(path=list(folders))] if folders else []
    return {name for one in found for name in (one.metadata["Name"], *_modules(one))}


def _modules(distribution: Distribution) -> set[str]:
    """The top-level modules and packages of one distribution."""
    files = [file for file in distribution.files or () if ".." not in file.parts]
    names = [inspect.getmodulename(file.parts[0]) or file.parts[0] for file in files]
    return {name for name in names if name.isidentifier() and "__" not in name}


def read(text: str) -> Names:
    """The names that are checked in."""
    return {name: set(body.split()) for name, body in LIST.findall(text)}


def collect(pyproject: str, folders: Sequence[str]) -> Names:
    """The names that this interpreter, the template and the folders know of."""
    return {
        "keywords": slugs([*keyword.kwlist, *keyword.softkwlist]),
        "stdlib": slugs(sys.stdlib_module_names),
        "dependencies": slugs(required(pyproject) | installed(folders)),
    }


def unite(old: Names, new: Names) -> Names:
    """Names only accumulate: interpreters and platforms differ in what they know."""
    return {name: old.get(name, set()) | new[name] for name in new}


def write(names: Names) -> str:
    """The Jinja file: plain text, one name a line, which Jinja reads in no time."""
    blocks = [
        "\n".join([f"# {{% set {name} %}}", *sorted(members), "# {% endset %}\n"])
        for name, members in names.items()
    ]
    return HEAD + "".join(blocks)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the file, or say that it is stale."""
    parser = argparse.ArgumentParser(prog="python -m extensions.reserved")
    parser.add_argument("--check", action="store_true", help="only say when stale")
    parser.add_argument(
        "folders", nargs="*", help="site-packages of an installed project, to add"
    )
    options = parser.parse_args(arguments)
    file, pyproject = root / FILE, (root / PYPROJECT).read_text(encoding="utf-8")
    old = file.read_text(encoding="utf-8")
    new = write(unite(read(old), collect(pyproject, options.folders)))
    if not options.check:
        file.write_text(new, encoding="utf-8")
    elif new != old:
        print(f"{FILE} is stale: run `python -m extensions.reserved`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
