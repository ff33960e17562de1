"""Compose hands the service what it reads, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.config import Settings
from tests.variables import variables

ROOT = Path(__file__).parents[2]
FILES = [path.name for path in sorted(ROOT.glob("compose*.yaml"))]


def services(file: str) -> list[dict[str, Any]]:
    """Give what runs the service's own code."""
    found = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["services"]
    named = [one for one in found.values() if "environment" in one]
    return [one for one in named if "ENVIRONMENT" in one["environment"]]


def required(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Ask the settings what production may not lack."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(SystemExit) as refusal:
        Settings.read()
    return {line.split(":")[0] for line in str(refusal.value).splitlines()}


@pytest.mark.parametrize("file", FILES)
def test_every_variable_that_is_named_is_read(file: str) -> None:
    named = {name for service in services(file) for name in service["environment"]}

    assert services(file)
    assert named <= {*variables()}


@pytest.mark.parametrize("file", FILES)
def test_every_other_variable_comes_from_the_file_of_the_settings(file: str) -> None:
    read = [one.get("env_file") for one in services(file)]

    assert read == [[{"path": ".env", "required": False}]] * len(read)


@pytest.mark.parametrize("file", FILES)
def test_production_is_given_what_it_requires(
    file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    needed = required(monkeypatch)

    for service in services(file):
        strict = service["environment"]["ENVIRONMENT"] == "production"
        assert needed <= {*service["environment"]} or not strict
