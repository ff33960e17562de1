"""Finds the code, the tests and the migrations of an existing repository."""

import re
from collections import defaultdict
from pathlib import PurePath
from typing import NamedTuple

from extensions.adopt.evidence import Evidence

# Folders at the top that contain no code of the service.
OTHER = re.compile(
    r"\..*|tests?|docs?|examples?|scripts?|tools?|benchmarks?|notebooks?|bin|build|dist"
    r"|alembic|migrations?|versions|standards|deploy.*|infra.*|node_modules|s?venv|env"
)
# Modules at the top that are none of the service's.
SCRIPTS = re.compile(
    r"(setup|conftest|noxfile|tasks|fabfile|upkeep|test_\w+|\w+_test)\.py"
)
ROOTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile")
REVISION = re.compile(r"^revision(?:\s*:[^=]+)?\s*=\s*[\"']([^\"']+)", re.MULTILINE)
PARENTS = re.compile(
    r"^down_revision(?:\s*:[^=]+)?\s*=\s*(\([^)]*\)|\[[^\]]*\]|.*)", re.MULTILINE
)


class Layout(NamedTuple):
    """The paths of the code and of its tests, and other services in subfolders."""

    sources: list[str]
    tests: list[str]
    services: list[str]


def find(evidence: Evidence) -> Layout:
    """Return the paths in a folder, without the projects in its subfolders."""
    roots = {
        PurePath(name).parent.as_posix()
        for name in evidence.files
        if PurePath(name).name in ROOTS and not OTHER.fullmatch(name.split("/")[0])
    } - {"."}
    own, services = set[str](), set[str]()
    for name, imported in evidence.modules.items():
        inside = {it.as_posix() for it in PurePath(name).parents} & roots
        if inside and "fastapi" in imported:
            services.add(min(inside, key=len))
        elif not inside:
            own.add(name)
    tests = [
        it for it in ("tests", "test") if any(one.startswith(it + "/") for one in own)
    ]
    loose = [it for it in own if re.fullmatch(r"(test_\w+|\w+_test)\.py", it)]
    return Layout(_sources(own), tests + sorted(loose), sorted(services))


def _sources(modules: set[str]) -> list[str]:
    """Return the packages and modules of the code; `src` if it has modules itself."""
    found = set[str]()
    loose = any(re.fullmatch(r"src/\w+\.py", name) for name in modules)
    for name in modules:
        first, *rest = name.split("/")
        if first == "src" and not loose:
            found.add(f"src/{rest[0]}")
        elif rest and not OTHER.fullmatch(first):
            found.add(first)
        elif not rest and not SCRIPTS.fullmatch(name):
            found.add(name)
    return sorted(found)


def heads(evidence: Evidence) -> dict[str, list[str]]:
    """Return the revisions of Alembic that no other one follows, by folder."""
    known, followed = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for name in evidence.modules:
        path = PurePath(name)
        if "versions" in path.parts[:-1] or "alembic" in path.parts[:-1]:
            text = evidence.text(name)
            if (own := REVISION.search(text)) and (after := PARENTS.search(text)):
                folder = path.parent.as_posix()
                known[folder].add(own[1])
                followed[folder] |= {*re.findall(r"[\"']([^\"']+)[\"']", after[1])}
    return {
        folder: sorted(known[folder] - followed[folder]) for folder in sorted(known)
    }
