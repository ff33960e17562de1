"""What a cluster is told: complete, accepted by every version, and strict."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.house.answers import CHOICES
from tests.house.cluster import (
    complaints,
    documents,
    objections,
    unnamed,
)
from tests.house.commands import succeed
from tests.house.kinds import Project

FOLDERS = ("base", "ingress", "overlays/staging", "overlays/production")
OVERLAYS = ("staging", "production")
DATABASES = CHOICES["database"]
# What PostgreSQL gives to others than its keepers, as it comes.
CONNECTIONS = 97


def manifests(render: Project, database: str = "postgresql") -> Path:
    """Give the folder of a project's manifests."""
    return render({"kubernetes": True, "database": database}) / "kubernetes"


def base(folder: Path, name: str) -> dict[str, Any]:
    """Read a resource of the base."""
    [document] = documents(folder / "base" / name)
    return document


def container(folder: Path) -> dict[str, Any]:
    """Give the container that serves."""
    pod = base(folder, "deployment.yaml")["spec"]["template"]["spec"]
    [serving] = pod["containers"]
    return dict(serving)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_taken(folder: str, database: str, render: Project) -> None:
    assert unnamed(manifests(render, database) / folder) == []


def test_a_file_that_nobody_takes_is_found(render: Project, tmp_path: Path) -> None:
    folder = shutil.copytree(manifests(render) / "base", tmp_path / "base")
    (folder / "forgotten.yaml").touch()

    assert unnamed(folder) == ["forgotten.yaml"]


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_image_is_the_one_that_is_built(
    overlay: str, database: str, render: Project
) -> None:
    folder = manifests(render, database)
    [image] = documents(folder / "overlays" / overlay / "kustomization.yaml")[0][
        "images"
    ]
    makefile = (folder.parent / "Makefile").read_text(encoding="utf-8")

    assert container(folder)["image"] == image["name"]
    assert f"NAME := {image['newName'].rpartition('/')[2]}\n" in makefile


def test_the_databases_differ_in_the_disk_only(render: Project) -> None:
    many, one = (container(manifests(render, name)) for name in DATABASES)

    assert many.pop("volumeMounts") == one.pop("volumeMounts")[:1]
    assert many == one


def test_all_pods_together_find_a_connection(render: Project) -> None:
    folder = manifests(render)
    lines = (folder / "base" / "settings.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    surge = base(folder, "deployment.yaml")["spec"]["strategy"]["rollingUpdate"]
    pods = base(folder, "autoscaler.yaml")["spec"]["maxReplicas"] + surge["maxSurge"]
    each = int(settings["WEB_CONCURRENCY"]) * (int(settings["DATABASE_POOL_SIZE"]) + 1)

    assert pods * each + 1 <= CONNECTIONS


@pytest.mark.nightly
@pytest.mark.parametrize("auth", [True, False])
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_version_and_every_policy_accepts_an_overlay(
    overlay: str,
    database: str,
    auth: bool,
    kubectl: Path,
    render: Project,
    tmp_path: Path,
) -> None:
    project = render({"kubernetes": True, "database": database, "auth": auth})
    whole = tmp_path / "whole.yaml"
    told = succeed([kubectl, "kustomize", f"kubernetes/overlays/{overlay}"], project)
    whole.write_text(told, encoding="utf-8")

    assert [*complaints(whole)] == []
    assert objections(whole) == ""


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("replicas: 1", "replicas: two", "is not of type"),
        ("readinessProbe:", "readynessProbe:", "readynessProbe"),
    ],
)
def test_a_word_that_no_version_knows_is_found(
    right: str, wrong: str, found: str, render: Project, tmp_path: Path
) -> None:
    text = (manifests(render, "sqlite") / "base" / "deployment.yaml").read_text("utf-8")
    (tmp_path / "wrong.yaml").write_text(text.replace(right, wrong), encoding="utf-8")

    assert right in text
    assert all(found in said for said in complaints(tmp_path / "wrong.yaml"))
    assert len([*complaints(tmp_path / "wrong.yaml")]) == 5


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "CKV_K8S_22"),
        ("drop: [ALL]", "drop: []", "CKV_K8S_37"),
        ("runAsUser: 10001", "runAsUser: 1", "CKV_K8S_40"),
    ],
)
def test_a_pod_that_may_more_is_found(
    right: str, wrong: str, found: str, render: Project, tmp_path: Path
) -> None:
    text = (manifests(render) / "base" / "deployment.yaml").read_text(encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(text.replace(right, wrong), encoding="utf-8")

    assert right in text
    assert found in objections(tmp_path / "wrong.yaml")
