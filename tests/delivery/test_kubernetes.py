"""Kubernetes manifests are complete, valid in every version, and strict."""

import json
import re
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.support.answers import CHOICES
from tests.support.commands import append, succeed
from tests.support.fixture_types import Project
from tests.support.kubectl import (
    VERSIONS,
    complaints,
    documents,
    objections,
    unnamed,
)

FOLDERS = ("base", "ingress", "overlays/staging", "overlays/production")
OVERLAYS = ("staging", "production")
DATABASES = CHOICES["database"]
# PostgreSQL's default max_connections, without those reserved for superusers.
CONNECTIONS = 97


def manifests(render: Project, database: str = "postgresql") -> Path:
    """Return the folder of a project's manifests."""
    return render({"kubernetes": True, "database": database}) / "kubernetes"


def base(folder: Path, name: str) -> dict[str, Any]:
    """Read one resource of the base."""
    [document] = documents(folder / "base" / name)
    return document


def container(folder: Path) -> dict[str, Any]:
    """Return the container of the service."""
    pod = base(folder, "deployment.yaml")["spec"]["template"]["spec"]
    [serving] = pod["containers"]
    return dict(serving)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_kustomization_lists_every_file(
    folder: str, database: str, render: Project
) -> None:
    assert unnamed(manifests(render, database) / folder) == []


def test_unlisted_file_is_found(render: Project, tmp_path: Path) -> None:
    folder = shutil.copytree(manifests(render) / "base", tmp_path / "base")
    (folder / "forgotten.yaml").touch()

    assert unnamed(folder) == ["forgotten.yaml"]


@pytest.mark.nightly
@pytest.mark.parametrize("database", DATABASES)
def test_documented_patches_apply(
    database: str, render: Project, kubectl: Path, tmp_path: Path
) -> None:
    source = manifests(render, database)
    page = (source.parent / "docs/kubernetes.md").read_text(encoding="utf-8")
    folder = shutil.copytree(source, tmp_path / "kubernetes")
    patches = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)
    append(folder / "overlays/production/kustomization.yaml", "".join(patches))
    output = succeed([kubectl, "kustomize", "overlays/production"], folder)

    assert len(patches) == 3
    assert "memory: 1Gi" in output
    assert "kubernetes.io/metadata.name: traefik" in output
    assert "kind: Ingress\n" not in output


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_manifests_use_the_built_image(
    overlay: str, database: str, render: Project
) -> None:
    folder = manifests(render, database)
    [image] = documents(folder / "overlays" / overlay / "kustomization.yaml")[0][
        "images"
    ]
    makefile = (folder.parent / "Makefile").read_text(encoding="utf-8")

    assert container(folder)["image"] == image["name"]
    assert f"NAME := {image['newName'].rpartition('/')[2]}\n" in makefile


def test_page_names_the_image_commands(render: Project) -> None:
    own = {"kubernetes": True, "docker": False}
    page, other = (
        (render(answers) / "docs/kubernetes.md").read_text(encoding="utf-8")
        for answers in (own, {"kubernetes": True})
    )
    dockerfile = (render() / "Dockerfile").read_text(encoding="utf-8")
    [command] = re.findall(r"^CMD (.*)$", dockerfile, re.M)
    runs = " ".join(["uvicorn", *json.loads(command)[3:]])

    assert runs in page
    assert runs not in other
    assert all(f"`{path}`" in page for path in ("pyproject.toml", "alembic/", "app/"))


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("auth", [True, False])
def test_page_creates_every_secret(auth: bool, database: str, render: Project) -> None:
    project = render({"kubernetes": True, "database": database, "auth": auth})
    page = (project / "docs/kubernetes.md").read_text(encoding="utf-8")

    assert ("--from-literal=" in page) is ("create secret" in page)
    assert ("\n4. " in page) is ("create secret" in page)


@pytest.mark.parametrize("database", DATABASES)
def test_readme_claims_match_the_database(database: str, render: Project) -> None:
    project = manifests(render, database).parent
    text = (project / "README.md").read_text(encoding="utf-8")

    assert not ("exactly one instance" in text and "many machines" in text)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_page_names_every_value_to_change(overlay: str, render: Project) -> None:
    folder = manifests(render)
    page = (folder.parent / "docs/kubernetes.md").read_text(encoding="utf-8")
    [settings] = documents(folder / "overlays" / overlay / "kustomization.yaml")

    assert re.search(rf"[ `]{settings['namespace']}[`\n]", page)
    assert f"kubernetes/overlays/{overlay}" in page


def test_manifests_of_databases_differ_in_storage_only(render: Project) -> None:
    many, one = (container(manifests(render, name)) for name in DATABASES)

    assert many.pop("volumeMounts") == one.pop("volumeMounts")[:1]
    assert many == one


def test_connection_limit_allows_all_pods(render: Project) -> None:
    folder = manifests(render)
    lines = (folder / "base" / "settings.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    surge = base(folder, "deployment.yaml")["spec"]["strategy"]["rollingUpdate"]
    pods = base(folder, "autoscaler.yaml")["spec"]["maxReplicas"] + surge["maxSurge"]
    each = int(settings["WEB_CONCURRENCY"]) * (int(settings["DATABASE_POOL_SIZE"]) + 1)

    assert pods * each + 1 <= CONNECTIONS


@pytest.fixture(scope="module")
def rendered_manifests(
    kubectl: Path, render: Project, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Build the manifests of every overlay, database and auth answer with kubectl."""
    folder = tmp_path_factory.mktemp("rendered_manifests")
    for overlay, database, auth in product(OVERLAYS, DATABASES, (True, False)):
        project = render({"kubernetes": True, "database": database, "auth": auth})
        place = f"kubernetes/overlays/{overlay}"
        whole = folder / f"{overlay}-{database}-{auth}.yaml"
        text = succeed([kubectl, "kustomize", place], project)
        whole.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.nightly
@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid_in_every_version(
    version: str, rendered_manifests: Path
) -> None:
    assert complaints(version, rendered_manifests) == ""


@pytest.mark.nightly
def test_manifests_follow_policies(rendered_manifests: Path) -> None:
    assert objections(rendered_manifests) == ""


def plant(file: Path, folder: Path, right: str, wrong: str) -> None:
    """Write a copy of a manifest with a fault into a folder."""
    text = file.read_text(encoding="utf-8")
    assert right in text
    fault = folder / f"{len([*folder.iterdir()])}.yaml"
    fault.write_text(text.replace(right, wrong), encoding="utf-8")


@pytest.mark.nightly
@pytest.mark.parametrize("version", VERSIONS)
def test_invalid_field_is_found(version: str, render: Project, tmp_path: Path) -> None:
    deployment = manifests(render, "sqlite") / "base" / "deployment.yaml"
    plant(deployment, tmp_path, "replicas: 1", "replicas: two")
    plant(deployment, tmp_path, "readinessProbe:", "readynessProbe:")
    found = complaints(version, tmp_path)

    assert "'two' is not of type" in found
    assert "readynessProbe" in found


@pytest.mark.nightly
def test_privileged_pod_is_found(render: Project, tmp_path: Path) -> None:
    deployment = manifests(render) / "base" / "deployment.yaml"
    plant(deployment, tmp_path, "readOnlyRootFilesystem: true", "tty: true")
    plant(deployment, tmp_path, "drop: [ALL]", "drop: []")
    plant(deployment, tmp_path, "runAsUser: 10001", "runAsUser: 1")
    found = objections(tmp_path)

    assert all(policy in found for policy in ("CKV_K8S_22", "CKV_K8S_37", "CKV_K8S_40"))
