"""Judges whether a repository can be adopted: framework, versions, migrations."""

import re
from collections.abc import Iterator

from extensions.adopt import layout
from extensions.adopt.evidence import Evidence
from extensions.adopt.layout import Layout

# Other frameworks by their distributions, which are the names of their packages.
FRAMEWORKS = (
    *("flask", "django", "starlette", "litestar", "aiohttp", "sanic", "tornado"),
    *("bottle", "falcon", "quart", "pyramid", "blacksheep", "robyn"),
)
# Version 1 in the words of pip and of Poetry: ==1.10, ~=1.9, ^1.8, <2, 1.10.*
VERSION_1 = re.compile(
    r"(^|==|~=|\^|~|<=|,)\s*v?1(\.|$|,|\s)|<\s*2(\.0)*\s*(\.?\*|$|[,a])"
)
# The first version of FastAPI that allows pydantic 2 is 0.100.
OLD_FASTAPI = re.compile(
    r"(^|==|~=|\^|~|<=|<)\s*0\.\d{1,2}(\.|$|,|\s)|<\s*0\.100(\.0)?$"
)
BASE_SETTINGS = re.compile(
    r"^from pydantic import [^\n]*(\([^)]*)?\bBaseSettings\b", re.M
)

# Modules of the standard at the top of a repository.
OURS = ("standards", "upkeep")

Facts = dict[str, tuple[str, str]]


def facts(evidence: Evidence, found: Layout) -> Facts:
    """Return what no question asks, with the source of each."""
    known: Facts = {
        "sources": (" ".join(found.sources), "what git tracks"),
        "tests": (" ".join(found.tests), "what git tracks"),
    }
    for name in ("fastapi", "pydantic"):
        if evidence.locked(name)[0]:
            known[name] = evidence.locked(name)
        elif required := evidence.dependencies.get(name):
            known[name] = required.versions or "any version", required.place
    for folder, revisions in layout.heads(evidence).items():
        number = f"{len(revisions)} heads: " if len(revisions) > 1 else ""
        known["alembic"] = number + " ".join(revisions), folder
        if number:
            known["alembic"] = (
                number + " ".join(revisions),
                f"{folder}: alembic merge heads",
            )
    return known


def refusals(evidence: Evidence, found: Layout) -> Iterator[str]:
    """Yield why there is nothing to adopt here, a line each."""
    importing = any(
        "fastapi" in imported
        for name, imported in evidence.modules.items()
        if not any(name.startswith(f"{it}/") for it in found.services)
    )
    required = "fastapi" in evidence.dependencies
    if found.services and not importing:
        paths = ", ".join(found.services)
        first = evidence.folder / found.services[0]
        yield f"the service is in {paths}: make adopt REPO={first}"
    elif not (importing or required):
        yield framework(evidence)
    elif not found.sources:
        yield "git tracks no Python module of the service here: commit it first"
    elif reason := version_1(evidence):
        wanted = "the standard is for pydantic 2: upgrade it first"
        yield f"it uses pydantic 1 ({reason}), {wanted}"
    for name in OURS:
        if evidence.has(name, f"{name}.py"):
            yield f"it has a file or folder {name}, as the standard: rename it first"
        elif any(name in imported for imported in evidence.modules.values()):
            yield f"its code imports a module {name}: the standard would hide it"


def framework(evidence: Evidence) -> str:
    """Return which framework the repository uses instead of FastAPI."""
    wanted = "the standard is for FastAPI"
    for name in FRAMEWORKS:
        if place := evidence.dependencies.get(name):
            return f"it uses {name.title()} ({name} in {place.place}): {wanted}"
    for module, imported in evidence.modules.items():
        if one := {*FRAMEWORKS} & imported:
            return f"it uses {min(one).title()} ({module}): {wanted}"
    return f"nothing here requires or imports fastapi: {wanted}"


def version_1(evidence: Evidence) -> str:
    """Return what shows that the repository uses pydantic 1, or nothing."""
    version, lock = evidence.locked("pydantic")
    if version:
        return f"{version} in {lock}" if version.startswith("1.") else ""
    for name, old in (("pydantic", VERSION_1), ("fastapi", OLD_FASTAPI)):
        required = evidence.dependencies.get(name)
        if required and old.search(required.versions):
            return f"{name} {required.versions} in {required.place}"
    for module, imported in evidence.modules.items():
        if "pydantic" in imported and BASE_SETTINGS.search(evidence.text(module)):
            return f"{module} imports BaseSettings from it"
    return ""
