"""Ownership of files: the markers and the seeded files of every project."""

import json
import re
from pathlib import Path

import pytest
import yaml

from extensions.questions import ROOT, documents
from extensions.rendering import presets
from tests.support.conditional_files import files
from tests.support.fixture_types import Project, Run
from tests.support.matrix import NOTHING
from upkeep.ownership import SEEDED, markers

ROUTERS = "# -- Your own routers below this line. --"
ANSWERS = presets() | {
    "gitlab": {"ci": "gitlab"},
    "outgrown": {"kubernetes": True, "devcontainer": True},
    "nothing": NOTHING,
}


def shared(project: Path) -> dict[str, tuple[str, ...]]:
    """Return the markers of every shared file of a project."""
    found = {
        path.relative_to(project).as_posix(): markers(path.read_text(encoding="utf-8"))
        for path in sorted(project.rglob("*"))
        if path.is_file()
    }
    return {name: lines for name, lines in found.items() if lines}


def problems(project: Path) -> list[str]:
    """List the markers of a project that are repeated or not at the end."""
    found = list[str]()
    for name, lines in shared(project).items():
        text = (project / name).read_text(encoding="utf-8").splitlines()
        if len({*lines}) != len(lines):
            found.append(f"{name} has a marker twice")
        if text[-1].strip() != lines[-1]:
            found.append(f"{name} goes on after its last marker")
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_every_shared_file_ends_in_its_last_marker(name: str, render: Project) -> None:
    project = render(ANSWERS[name])

    assert shared(project)
    assert problems(project) == []


def test_seeded_files_are_those_that_copier_skips() -> None:
    skipped = next(documents())["_skip_if_exists"]

    assert [f"/{path}" for path in SEEDED] == skipped


def test_no_seeded_file_has_a_marker(render: Project) -> None:
    assert {*SEEDED}.isdisjoint(shared(render()))


def test_every_marker_of_the_template_is_recognised() -> None:
    written = [
        line
        for _, text in files()
        for line in text.splitlines()
        if re.match(r" *# -- Your own ", line)
    ]

    assert written
    assert [line for line in written if not markers(line)] == []


def test_update_page_names_the_seeded_files(render: Project) -> None:
    page = (render() / "docs/update.md").read_text(encoding="utf-8")
    [seeded] = [line for line in page.splitlines() if line.startswith("| seeded")]

    assert tuple(re.findall(r"`(\S+)`", seeded)) == SEEDED


def test_resource_is_added_in_user_owned_places(render: Project) -> None:
    project = render()
    text = (project / "docs/resources.md").read_text(encoding="utf-8")
    [steps] = re.findall(r"^## By hand\n(.*?)^## ", text, re.M | re.S)
    named = {*re.findall(r"`([\w/]+\.py)`", steps)}

    assert "tests/thing_factories.py" in named
    assert {path for path in named if (project / path).exists()} <= {*shared(project)}


@pytest.mark.parametrize("manager", ["uv", "poetry", "pip"])
def test_renovate_may_raise_everything_but_a_compiled_lock(
    manager: str, render: Project
) -> None:
    project = render({"package_manager": manager})
    settings = json.loads((project / "renovate.json").read_text(encoding="utf-8"))
    off = [name for name, it in settings.items() if "'enabled': False" in str(it)]

    assert off == (["pip_requirements"] if manager == "pip" else [])
    assert ("lockFileMaintenance" in settings) is (manager != "pip")
    assert {"packageRules", "ignorePaths", "ignoreDeps"}.isdisjoint(settings)


@pytest.mark.parametrize(("spoiled", "code"), [("", 0), ("packageRules: 1", 1)])
def test_renovate_accepts_its_settings(
    spoiled: str, code: int, render: Project, tmp_path: Path, run: Run
) -> None:
    settings = json.loads((render() / "renovate.json").read_text("utf-8"))
    settings |= yaml.safe_load(spoiled) or {}
    (tmp_path / "renovate.json").write_text(json.dumps(settings), encoding="utf-8")
    check = [".venv/bin/check-jsonschema", "--builtin-schema", "vendor.renovate"]

    assert run([*check, tmp_path / "renovate.json"], ROOT).returncode == code


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (r"\Z", "more = 1\n", "goes on after its last marker"),
        (r"\A", f"{ROUTERS}\n", "has a marker twice"),
    ],
)
def test_moved_marker_is_found(
    old: str, new: str, found: str, render: Project, tmp_path: Path
) -> None:
    text = (render() / "app/api/router.py").read_text(encoding="utf-8")
    (tmp_path / "router.py").write_text(re.sub(old, new, text, count=1), "utf-8")

    assert found in problems(tmp_path)[0]
