"""The configurator gives what `copier copy` gives, byte for byte."""

import gzip
import json
import shlex
import sys
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

import pytest

from extensions.questions import questions
from extensions.rendering import presets
from extensions.site.packages import SITE
from tests.support.commands import commit, succeed
from tests.support.fixture_types import Copy
from tests.support.matrix import choices
from tests.support.site import node, serve, tree, unzip

NAMES = ("My Service", 'Ünï "Quoted" Näme', "it's {{ 7 * 7 }} & <b>")


def drawn() -> list[dict[str, Any]]:
    """Return twelve sets of answers to all questions, the same in each run."""
    dice = Random(12)  # nosec B311
    offered = {
        name: question.choices or choices(question)
        for name, question in questions().items()
        if question.asked
    }
    return [
        {"project_name": dice.choice(NAMES)}
        | {name: dice.choice(offer) for name, offer in offered.items() if offer}
        for _ in range(12)
    ]


def test_project_of_the_page_equals_that_of_copier(
    site: Path, copy: Copy, tmp_path: Path
) -> None:
    answers = {"project_name": NAMES[1], "kubernetes": True, "database": "sqlite"}
    page = site / "configure"
    completed = node(
        *("node.mjs", page, json.dumps(answers), tmp_path / "a.zip"), cwd=tmp_path
    )
    shown = json.loads(completed.stdout)
    first = json.loads((page / "form.json").read_text(encoding="utf-8"))

    assert shown["fields"] == first["fields"]
    assert dict(shown["problems"]) == {
        "project_name": "starts or ends with white space: enter it without",
        "database": "'oracle' is not in ['postgresql', 'sqlite']",
    }
    project = unzip(tmp_path / "a.zip", tmp_path / "page")
    assert tree(project) == tree(copy(tmp_path / "copier", answers))


def test_page_runs_the_copier_of_this_repository() -> None:
    pins = (SITE / "packages.txt").read_text(encoding="utf-8")

    assert f"\ncopier=={version('copier')} --hash" in pins


def test_page_is_downloaded_in_ten_megabytes(site: Path) -> None:
    files = [path for path in (site / "configure").rglob("*") if path.is_file()]
    size = sum(len(gzip.compress(path.read_bytes(), 6)) for path in files)

    assert size <= 10_000_000


@pytest.mark.nightly
@pytest.mark.usefixtures("browser")
def test_downloads_equal_the_projects_of_their_commands(
    site: Path, tmp_path: Path
) -> None:
    sets = [*presets().values(), *drawn()]
    with serve(site) as address:
        completed = node(
            *("download.mjs", address, json.dumps(sets), tmp_path), cwd=tmp_path
        )
    commands = json.loads(completed.stdout)

    assert len(commands) == len(sets)
    for index, command in enumerate(commands):
        copier, *arguments, folder = shlex.split(command)
        place = tmp_path / f"copier-{index}"
        succeed([sys.executable, "-m", copier, *arguments, place], tmp_path)
        project = unzip(tmp_path / f"{index}.zip", tmp_path / f"page-{index}")
        assert project.name == folder
        assert tree(project) == tree(place), command


@pytest.mark.nightly
@pytest.mark.usefixtures("browser")
def test_unzipped_project_is_updated_by_copier(
    site: Path, copy: Copy, tmp_path: Path
) -> None:
    with serve(site) as address:
        node("download.mjs", address, "[{}]", tmp_path, cwd=tmp_path)
    project = unzip(tmp_path / "0.zip", tmp_path / "page")
    succeed(["git", "init", "--quiet"], project)
    commit(project)
    update = ("update", "--defaults", "--vcs-ref=HEAD", "--data=kubernetes=true")
    succeed([sys.executable, "-m", "copier", *update], project)

    updated = {name: it for name, it in tree(project).items() if ".git/" not in name}
    assert updated == tree(copy(tmp_path / "copier", {"kubernetes": True}))
