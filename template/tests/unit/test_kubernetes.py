"""The manifests say the same as the service: its variables, its routes, its seconds."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI

from app.core.config import Settings, ShutdownSettings
from app.main import create_app
from tests.variables import assigned, variables

FOLDER = Path(__file__).parents[2] / "kubernetes"
PAGE = FOLDER.parent / "docs" / "kubernetes.md"
SETTINGS = assigned(FOLDER / "base" / "settings.env")
SECRETS = re.findall(r"--from-literal=(\w+)=", PAGE.read_text(encoding="utf-8"))
# What a cluster has to say otherwise.
DIFFERENT = {"ENVIRONMENT", "DATABASE_URL"}


def pod() -> dict[str, Any]:
    """Give what the deployment says of each pod."""
    text = (FOLDER / "base" / "deployment.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["spec"]["template"]["spec"])


def lacking(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name what a pod without a secret misses, as the service itself does."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    try:
        Settings.read()
    except SystemExit as refusal:
        for line in str(refusal).splitlines():
            yield line.split(":")[0]


def test_every_variable_is_set_or_secret() -> None:
    assert {*SETTINGS, *SECRETS} == {*variables()}
    assert {*SETTINGS}.isdisjoint(SECRETS)


def test_a_variable_has_the_default_of_the_settings() -> None:
    defaults = variables()
    changed = {name for name in SETTINGS if SETTINGS[name] != defaults[name]}

    assert changed <= DIFFERENT


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_an_overlay_sets_what_the_service_reads(overlay: str) -> None:
    assert {*assigned(FOLDER / "overlays" / overlay / "settings.env")} <= {*SETTINGS}


def test_a_pod_without_its_secret_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)

    assert {*lacking(monkeypatch)} == {*SECRETS}


def test_probes_ask_what_is_served() -> None:
    [container] = pod()["containers"]
    kinds = ("startupProbe", "livenessProbe", "readinessProbe")
    asked = {container[kind]["httpGet"]["path"] for kind in kinds}
    app: FastAPI = create_app()

    assert asked == {"/health/live", "/health/ready"}
    assert asked <= {*app.openapi()["paths"]}


def test_a_pod_is_waited_for_until_it_has_ended() -> None:
    shutdown = ShutdownSettings()
    needed = shutdown.drain_seconds + shutdown.grace_seconds

    assert needed < pod()["terminationGracePeriodSeconds"]
