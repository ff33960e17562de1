"""Compose files set variables that the service reads, and no others."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.config import Settings
from tests.support.settings import default_variables

ROOT = Path(__file__).parents[3]
FILES = [path.name for path in sorted(ROOT.glob("compose*.yaml"))]


def services(file: str) -> list[dict[str, Any]]:
    """Return the services that run the code of the project."""
    found = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["services"]
    named = [one for one in found.values() if "environment" in one]
    return [one for one in named if "ENVIRONMENT" in one["environment"]]


def required(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the variables that production requires."""
    for name in default_variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(SystemExit) as refusal:
        Settings.read()
    return {line.split(":")[0] for line in str(refusal.value).splitlines()}


@pytest.mark.parametrize("file", FILES)
def test_every_variable_of_compose_is_read(file: str) -> None:
    named = {name for service in services(file) for name in service["environment"]}

    assert services(file)
    assert named <= {*default_variables()}


@pytest.mark.parametrize("file", FILES)
def test_compose_reads_the_env_file(file: str) -> None:
    read = [one.get("env_file") for one in services(file)]

    assert read == [[{"path": ".env", "required": False}]] * len(read)


@pytest.mark.parametrize("file", FILES)
def test_compose_sets_what_production_requires(
    file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    needed = required(monkeypatch)

    for service in services(file):
        strict = service["environment"]["ENVIRONMENT"] == "production"
        assert needed <= {*service["environment"]} or not strict
