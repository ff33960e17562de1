"""Manifests match the service: its variables, routes and timeouts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI

from app.core.config import Settings, ShutdownSettings
from app.main import create_app
from tests.support.settings import default_variables, read_variables

FOLDER = Path(__file__).parents[3] / "kubernetes"
PAGE = FOLDER.parent / "docs" / "kubernetes.md"
SETTINGS = read_variables(FOLDER / "base" / "settings.env")
SECRETS = re.findall(r"--from-literal=(\w+)=", PAGE.read_text(encoding="utf-8"))
# Variables that differ in a cluster.
DIFFERENT = {"ENVIRONMENT", "DATABASE_URL"}


def pod() -> dict[str, Any]:
    """Return the pod template of the deployment."""
    text = (FOLDER / "base" / "deployment.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["spec"]["template"]["spec"])


def lacking(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the variables that a pod without a secret misses."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    try:
        Settings.read()
    except SystemExit as refusal:
        for line in str(refusal).splitlines():
            yield line.split(":")[0]


def test_every_variable_is_a_setting_or_a_secret() -> None:
    assert {*SETTINGS, *SECRETS} == {*default_variables()}
    assert {*SETTINGS}.isdisjoint(SECRETS)


def test_manifests_keep_the_defaults_of_the_settings() -> None:
    defaults = default_variables()
    changed = {name for name in SETTINGS if SETTINGS[name] != defaults[name]}

    assert changed <= DIFFERENT


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_overlay_sets_only_known_variables(overlay: str) -> None:
    assert {*read_variables(FOLDER / "overlays" / overlay / "settings.env")} <= {
        *SETTINGS
    }


def test_pod_without_its_secret_names_the_missing_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)

    assert {*lacking(monkeypatch)} == {*SECRETS}


def test_probes_call_existing_routes() -> None:
    [container] = pod()["containers"]
    kinds = ("startupProbe", "livenessProbe", "readinessProbe")
    asked = {container[kind]["httpGet"]["path"] for kind in kinds}
    app: FastAPI = create_app()

    assert asked == {"/health/live", "/health/ready"}
    assert asked <= {*app.openapi()["paths"]}


def test_grace_period_of_a_pod_covers_the_shutdown() -> None:
    shutdown = ShutdownSettings()
    needed = shutdown.drain_seconds + shutdown.grace_seconds

    assert needed < pod()["terminationGracePeriodSeconds"]
