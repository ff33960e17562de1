"""Infers answers from an existing repository, with the source of each."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from extensions.adopt.evidence import Evidence
from extensions.questions import questions
from extensions.release import git

# For each question: the answers, and the names that indicate them.
Speaking = dict[str, dict[Any, tuple[str, ...]]]

# Distributions.
LIBRARIES: Speaking = {
    "database": {
        "postgresql": ("asyncpg", "psycopg", "psycopg2", "psycopg2-binary", "pg8000"),
        "sqlite": ("aiosqlite",),
    },
    "orm": {"sqlmodel": ("sqlmodel",), "sqlalchemy": ("sqlalchemy",)},
    "logging": {"structlog": ("structlog",), "stdlib": ("python-json-logger",)},
    "auth": {True: ("pyjwt", "python-jose", "passlib", "pwdlib", "fastapi-users")},
}
# Files.
FILES: Speaking = {
    "package_manager": {
        "uv": ("uv.lock",),
        "poetry": ("poetry.lock",),
        "pip": ("requirements.txt", "requirements", "setup.py", "setup.cfg"),
    },
    "docker": {
        True: ("Dockerfile", "docker-compose.yml", "compose.yaml", "compose.yml")
    },
    "ci": {"github": (".github/workflows",), "gitlab": (".gitlab-ci.yml",)},
}
LICENSES = {
    "Apache License": "Apache-2.0",
    "MIT License": "MIT",
    "Redistribution and use in source and binary forms": "BSD-3-Clause",
    "All rights reserved": "proprietary",
}
# Answers if nothing else indicates one: the template would add these features.
ABSENT = {"auth": False, "docker": False, "ci": "none", "example": False}

Found = dict[str, tuple[Any, str]]
Reader = Callable[[Evidence], Iterator[tuple[str, Any, str]]]


def infer(evidence: Evidence) -> Found:
    """Return the answers that were found; the first reader wins."""
    found: Found = {}
    asked = questions()
    for reader in (names, people, terms, python, libraries, files, checkers, address):
        for name, answer, where in reader(evidence):
            choices = asked[name].choices
            if answer not in (None, "") and (not choices or answer in choices):
                found.setdefault(name, (answer, where))
    for name, answer in ABSENT.items():
        found.setdefault(name, (answer, "nothing speaks for it"))
    return found


def names(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the name and the description."""
    slug, where = evidence.project("name")
    slug = slug or evidence.setup.get("metadata", "name", fallback="")
    where = where or "setup.cfg" * bool(slug)
    slug, where = (slug, where) if slug else (evidence.folder.name, "its folder")
    heading = re.search(r"(?m)^# (.+)$", evidence.text("README.md"))
    if heading:
        yield "project_name", heading[1].strip(), "README.md"
    yield "project_name", re.sub(r"[-_.]+", " ", slug).title(), where
    yield "project_slug", re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-"), where
    yield "project_description", *evidence.project("description")
    text = evidence.setup.get("metadata", "description", fallback="")
    yield "project_description", text, "setup.cfg"


def people(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the author."""
    authors, where = evidence.project("authors")
    first = (authors or [{}])[0]
    if isinstance(first, str):  # As Poetry wrote it: Name <address>.
        name, _, mail = first.partition("<")
        first = {"name": name.strip(), "email": mail.rstrip("> ")}
    yield "author_name", first.get("name"), where
    yield "author_email", first.get("email"), where
    commits = git(evidence.folder, "shortlog", "-sne", "HEAD").splitlines()
    if commits and (match := re.match(r"\s*\d+\s+(.+) <(.+)>", commits[0])):
        yield "author_name", match[1], "who has committed most"
        yield "author_email", match[2], "who has committed most"


def terms(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the license; without one, the service is proprietary."""
    declared, where = evidence.project("license")
    if isinstance(declared, dict):
        declared = declared.get("text")
    yield "license", declared, where
    name = evidence.has("LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING")
    for words, license_ in LICENSES.items():
        if words in evidence.text(name or "LICENSE"):
            yield "license", license_, name
    yield "license", "proprietary", "nothing speaks for it"


def python(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the minimum Python, which may be too old for the template."""
    asked, where = evidence.project("requires-python")
    lowest = re.search(r"3\.\d+", asked or "")
    pinned = re.search(r"3\.\d+", evidence.text(".python-version"))
    image = re.search(r"(?m)^FROM python:(3\.\d+)", evidence.text("Dockerfile"))
    yield "python_version", lowest and lowest[0], where
    yield "python_version", pinned and pinned[0], ".python-version"
    yield "python_version", image and image[1], "Dockerfile"


def libraries(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read answers from the dependencies."""
    for question, answers in LIBRARIES.items():
        for answer, speaking in answers.items():
            for name in speaking:
                if place := evidence.dependencies.get(name):
                    yield question, answer, f"{name} in {place}"


def files(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read answers from the files."""
    for question, answers in FILES.items():
        for answer, paths in answers.items():
            if where := evidence.has(*paths):
                yield question, answer, where


def checkers(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the type checker."""
    found = [name for name in ("mypy", "pyright") if name in evidence.dependencies]
    answer = "both" if len(found) == 2 else "".join(found)
    where = " and ".join(sorted({evidence.dependencies[name] for name in found}))
    yield "type_checker", answer, where


def address(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the address of the repository; one for SSH is converted to https."""
    remotes = git(evidence.folder, "remote").split()
    if "origin" in remotes:
        url = git(evidence.folder, "remote", "get-url", "origin").removesuffix(".git")
        url = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", url)
        if url.startswith("https://"):
            yield "repository_url", url, "origin"
