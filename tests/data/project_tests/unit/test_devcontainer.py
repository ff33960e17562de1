"""The development container has what the project needs."""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".devcontainer"


def test_devcontainer_has_the_minimum_python() -> None:
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    images = re.findall(r"^FROM python:(\S+)-slim$", dockerfile, re.MULTILINE)

    assert [f">={version}" for version in images] == [
        project["project"]["requires-python"]
    ]


def test_devcontainer_runs_make_install() -> None:
    text = (FOLDER / "devcontainer.json").read_text(encoding="utf-8")
    settings = json.loads(text)
    dockerfile = settings["build"]["dockerfile"]

    assert settings["postCreateCommand"] == "make install"
    assert (FOLDER / dockerfile).exists()
    assert f" {settings['remoteUser']}\n" in (FOLDER / dockerfile).read_text("utf-8")
