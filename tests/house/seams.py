"""The rules of a seam: a file of the template in which conditions may stand."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

import yaml

from extensions.questions import ROOT, questions

TEMPLATE = ROOT / "template"
ANSWERS_SEAM = "{{ _copier_conf.answers_file }}.jinja"
# The closed list. A file that only carries values may join; ask twice for a condition.
SEAMS = {
    ".devcontainer/Dockerfile",
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".env.example",
    ".github/workflows/ci.yaml",
    ".github/workflows/newest.yaml",
    ".github/workflows/update.yaml",
    ".gitignore",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "AGENTS.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "alembic/versions/0002_users.py",
    "app/api/errors.py",
    "app/api/openapi.py",
    "app/api/router.py",
    "app/api/v1/items.py",
    "app/core/about.py",
    "app/core/config.py",
    "app/core/database_settings.py",
    "app/core/errors.py",
    "app/core/logging.py",
    "app/db/errors.py",
    "app/db/factory.py",
    "app/main.py",
    "app/models/__init__.py",
    "app/models/base.py",
    "app/models/item.py",
    "app/models/token.py",
    "app/models/user.py",
    "compose.production.yaml",
    "compose.yaml",
    "docs/database.md",
    "docs/kubernetes.md",
    "docs/security.md",
    "docs/settings.md",
    "docs/standards.md",
    "docs/testing.md",
    "docs/update.md",
    "docs/users.md",
    "kubernetes/base/deployment.yaml",
    "kubernetes/base/kustomization.yaml",
    "kubernetes/base/network-policy.yaml",
    "kubernetes/base/settings.env",
    "kubernetes/overlays/production/kustomization.yaml",
    "kubernetes/overlays/staging/kustomization.yaml",
    "pyproject.toml",
    "renovate.json",
    "standards/catalogue.yml",
    "standards/configuration/gitlab.yml",
    "standards/configuration/pyproject.yml",
    "standards/configuration/workflow.yml",
    "standards/gates.yml",
    "tests/conftest.py",
    "tests/factories.py",
    "tests/support/databases.py",
    "upkeep/ownership.yml",
    "upkeep/releases.md",
}
LONGEST_BLOCK = 8
BLOCK = re.compile(r"\s*# \{% (if|endif|include|raw|endraw)\b(.*)%\}\s*")
PARSERS: dict[str, Callable[[str], object]] = {
    ".py": ast.parse,
    ".toml": tomllib.loads,
    **dict.fromkeys((".yaml", ".yml"), lambda text: list(yaml.safe_load_all(text))),
}


def files(template: Path = TEMPLATE) -> Iterator[tuple[str, str]]:
    """Give every file of the template: its path and its words."""
    for path in sorted(template.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(template).as_posix()
            yield name, path.read_text(encoding="utf-8")


def seams(template: Path = TEMPLATE) -> dict[str, str]:
    """Give the seams, without their suffix; the answers file is Copier's own."""
    return {
        name.removesuffix(".jinja"): text
        for name, text in files(template)
        if name.endswith(".jinja") and name != ANSWERS_SEAM
    }


def parse(name: str, text: str) -> None:
    """Read a seam as what it will be, before anything is rendered."""
    if parser := PARSERS.get(PurePath(name).suffix):
        parser(text)


def plain_problems(text: str) -> list[str]:
    """Say which lines of a plain file look like Jinja; a workflow's ${{ }} does not."""
    return [
        f"line {number}: Jinja in a plain file"
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(r"\{%|(?<!\$)\{\{ ", line)
    ]


def block_problems(text: str, names: Iterable[str] | None = None) -> list[str]:
    """Say what is wrong with the blocks of a seam."""
    known = {*(questions() if names is None else names)}
    problems, opened, opening = [], 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if "{%" not in line or opening == "raw" and "endraw" not in line:
            continue
        match = BLOCK.fullmatch(line)
        kind, rest = match.groups() if match else ("", "")
        if not match:
            problems.append(f"line {number}: only plain blocks, each on its own line")
        elif kind == "if" and rest.strip() not in known:
            problems.append(f"line {number}: an `if` names one answer")
        elif kind.startswith("end") != bool(opening):
            problems.append(f"line {number}: a block inside another")
        elif kind == "endif" and number - opened - 1 > LONGEST_BLOCK:
            problems.append(
                f"line {number}: more than {LONGEST_BLOCK} lines in a block"
            )
        if kind in ("if", "raw"):
            opened, opening = number, kind
        elif kind.startswith("end"):
            opening = ""
    return problems


def conditions(template: Path) -> set[str]:
    """Name every `if` of the template as Copier names it: its file and its line."""
    return {
        f"template/{name}.jinja:{number}"
        for name, text in seams(template).items()
        for number, line in enumerate(text.splitlines(), 1)
        if "{% if " in line
    }


def manifest(path: Path) -> list[str]:
    """List the paths that a feature owns, from the one block of its `_exclude`."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    [block] = loaded["_exclude"]
    condition, *paths, end = block.strip().splitlines()
    # An update reads it with the answers of the old release, too: it may not know them.
    assert condition == f"# {{% if not {path.stem} | default(true) %}}"
    assert end == "# {% endif %}"
    return [line.strip() for line in paths]


def manifests() -> dict[str, list[str]]:
    """Map every feature to the paths that it owns."""
    return {path.stem: manifest(path) for path in sorted(ROOT.glob("features/*.yml"))}
