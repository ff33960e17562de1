"""The map of who owns what tells the truth about every project."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.questions import ROOT, documents
from extensions.rendering import presets
from tests.house.kinds import Project, Run
from tests.house.matrix import NOTHING
from tests.house.seams import files

MAP = "upkeep/ownership.yml"
ROUTERS = "# -- Your own routers below this line. --"
ANSWERS = presets() | {
    "gitlab": {"ci": "gitlab"},
    "outgrown": {"kubernetes": True, "devcontainer": True},
    "nothing": NOTHING,
}


def ownership(project: Path) -> dict[str, Any]:
    """Read the map of a project."""
    text = (project / "upkeep/ownership.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def problems(project: Path) -> list[str]:
    """Say where a map and the files of its project do not agree."""
    shared, found = ownership(project)["shared"], list[str]()
    for name, anchors in shared.items():
        if not (project / name).is_file():
            found.append(f"{name} is not there")
            continue
        lines = (project / name).read_text(encoding="utf-8").splitlines()
        places = [
            number
            for line in anchors
            for number, it in enumerate(lines)
            if it.strip() == line
        ]
        if len(places) != len(anchors) or places != sorted(places):
            found.append(f"{name} has not each of its lines once, in order")
        elif places[-1] != len(lines) - 1:
            found.append(f"{name} goes on after its last line")
    named = {
        path.relative_to(project).as_posix()
        for path in project.rglob("*")
        if path.is_file() and "-- Your own " in path.read_text(encoding="utf-8")
    }
    return found + [
        f"{name} is not in the map" for name in sorted(named - {*shared, MAP})
    ]


@pytest.mark.parametrize("name", ANSWERS)
def test_every_shared_file_ends_in_its_last_line(name: str, render: Project) -> None:
    assert problems(render(ANSWERS[name])) == []


def test_no_path_has_two_owners(render: Project) -> None:
    owners = ownership(render())

    assert set(owners["seeded"]).isdisjoint(owners["shared"])


def test_what_is_seeded_is_what_copier_skips(render: Project) -> None:
    skipped = next(documents())["_skip_if_exists"]

    assert [f"/{path}" for path in ownership(render())["seeded"]] == skipped


def test_no_anchor_is_written_otherwise_than_in_the_map(render: Project) -> None:
    """Those of every choice, since a file of the template may never be rendered."""
    written = {
        line.strip()
        for _, text in files()
        for line in text.splitlines()
        if re.match(r" *# -- Your own ", line)
    }
    known = {
        line
        for answers in ANSWERS.values()
        for lines in ownership(render(answers))["shared"].values()
        for line in lines
    }

    assert written <= known


@pytest.mark.parametrize("name", ANSWERS)
def test_the_page_names_the_same_files_as_the_map(name: str, render: Project) -> None:
    project = render(ANSWERS[name])
    page = (project / "docs/update.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\S+)` \|", page.split("## `make update`")[0], re.MULTILINE
    )
    [seeded] = [line for line in page.splitlines() if line.startswith("| seeded |")]
    owners = ownership(project)

    assert rows == [*owners["shared"]]
    assert re.findall(r"`(\S+)`", seeded) == owners["seeded"]


@pytest.mark.parametrize("page", ["README.md", "AGENTS.md"])
def test_a_resource_is_added_where_people_may_write(page: str, render: Project) -> None:
    project = render()
    text = (project / page).read_text(encoding="utf-8")
    [steps] = re.findall(r"^## Add a resource\n(.*?)^## ", text, re.M | re.S)
    named = {*re.findall(r"`([\w/]+\.py)`", steps)}

    assert "tests/thing_factories.py" in named
    assert {path for path in named if (project / path).exists()} <= {
        *ownership(project)["shared"]
    }


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
def test_a_bot_accepts_its_settings(
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
        (r"\Z", "more = 1\n", "goes on after its last line"),
        ("# -- Your own routers", "# -- Our own routers", "each of its lines once"),
        (
            r"\A",
            "# -- Your own routers below this line. --\n",
            "each of its lines once",
        ),
    ],
)
def test_an_anchor_that_moved_is_found(
    old: str, new: str, found: str, render: Project, tmp_path: Path
) -> None:
    for name in ("app/api/router.py", MAP):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        text = (render() / name).read_text(encoding="utf-8")
        if name == MAP:
            text = f'shared: {{app/api/router.py: ["{ROUTERS}"]}}'
        else:
            text = re.sub(old, new, text, count=1)
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert found in problems(tmp_path)[0]
