"""The requirements of a project: sorted, and open for the next minor versions."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from extensions.questions import ROOT

# Other versions of these reformat code, find more, or write another lock.
PINNED = re.compile(r"black|isort|flake8(-\w+)*|pep8-naming|pip-tools")


def lists() -> dict[str, list[Requirement]]:
    """Read the lists of the template's source, with the lines of every answer.

    Conditional blocks are flat, so a project has these lines in the same order.
    """
    source = (ROOT / "template/pyproject.toml.jinja").read_text(encoding="utf-8")
    content = tomllib.loads(source.replace("{{ versions.pip_tools }}", "7.6.2"))
    return {
        "dependencies": [Requirement(it) for it in content["project"]["dependencies"]],
        **{
            group: [Requirement(it) for it in listed]
            for group, listed in content["dependency-groups"].items()
        },
    }


def unsorted(listed: list[Requirement]) -> list[str]:
    """Return the requirements that are not after the one before them."""
    # Two answers may choose other extras of a package.
    keys = [(canonicalize_name(it.name), sorted(it.extras)) for it in listed]
    return [after[0] for before, after in zip(keys, keys[1:]) if before >= after]


def refuses_next_minor(requirement: Requirement) -> bool:
    """Check whether the minor version after the lower bound is out of range."""
    [lowest] = [it for it in requirement.specifier if it.operator in (">=", "==")]
    major, minor = (*Version(lowest.version).release, 0)[:2]
    return not requirement.specifier.contains(f"{major}.{minor + 1}")


@pytest.mark.parametrize("name", lists())
def test_requirements_are_sorted_for_every_answer(name: str) -> None:
    assert unsorted(lists()[name]) == []


@pytest.mark.parametrize("name", lists())
def test_only_pinned_tools_refuse_the_next_minor_version(name: str) -> None:
    closed = {it.name for it in lists()[name] if refuses_next_minor(it)}

    assert closed == {it.name for it in lists()[name] if PINNED.fullmatch(it.name)}


@pytest.mark.parametrize(
    "line", ["uvicorn>=0.54,<0.55", "asyncpg==0.32", "fastapi>=0.165,<0.166"]
)
def test_requirement_that_refuses_the_next_minor_is_found(line: str) -> None:
    assert refuses_next_minor(Requirement(line))


def test_unsorted_list_is_found() -> None:
    assert unsorted([Requirement("uvicorn"), Requirement("aiosqlite")]) == ["aiosqlite"]
