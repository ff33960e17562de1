"""Infers answers from an existing repository, with the source of each."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from extensions.adopt.evidence import Evidence
from extensions.adopt.licenses import UNKNOWN, licenses
from extensions.adopt.signs import (
    ADDRESS_FILES,
    ADDRESSES,
    FILES,
    LIBRARIES,
    SAME,
)
from extensions.questions import questions
from extensions.release import git

# Answers if nothing else indicates one: the template would add these features.
ABSENT = {"auth": False, "docker": False, "ci": "none", "example": False}

NOTHING = "nothing indicates another answer"

Found = dict[str, tuple[Any, str]]
Reader = Callable[[Evidence], Iterator[tuple[str, Any, str]]]


def infer(evidence: Evidence) -> Found:
    """Return the answers that were found; the first reader wins.

    An answer may be none of the choices, such as another database.
    """
    found: Found = {}
    for reader in READERS:
        for name, answer, where in reader(evidence):
            if answer not in (None, ""):
                found.setdefault(name, (answer, where))
    for name, answer in ABSENT.items():
        found.setdefault(name, (answer, NOTHING))
    return found


def names(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the name and the description."""
    slug, where = evidence.project("name")
    slug = slug or evidence.setup.get("metadata", "name", fallback="")
    where = where or "setup.cfg" * bool(slug)
    slug, where = (slug, where) if slug else (evidence.folder.name, "its folder")
    yield "project_name", title(evidence.text("README.md")), "README.md"
    yield "project_name", re.sub(r"[-_.]+", " ", slug).title(), where
    yield "project_slug", re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-"), where
    yield "project_description", *evidence.project("description")
    text = evidence.setup.get("metadata", "description", fallback="")
    yield "project_description", text, "setup.cfg"


def title(readme: str) -> str:
    """Return the first heading outside of code and comments, without its markup."""
    text = re.sub(r"(?ms)^ {0,3}(```+|~~~+).*?(^ {0,3}\1|\Z)|<!--.*?-->", "", readme)
    found = re.search(r"(?m)^# +(.+?)[ #]*$|^(\S.*)\n=+ *$", text)
    words = (found[1] or found[2]) if found else ""
    words = re.sub(r"!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])", "", words)
    words = re.sub(r"\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])", r"\1", words)
    words = re.sub(r"<[^>]*>|[`*_]{1,3}(?=\w)|(?<=\w)[`*]{1,3}|:\w+:", "", words)
    return " ".join(re.sub(r"[^\w .,&'()+-]", "", words).split())[:60]


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
    """Read the license; without any trace of one, the service is proprietary."""
    found = licenses(evidence)
    if len(kinds := {name for name, _ in found if name != UNKNOWN}) > 1:
        shown = " and ".join(f"{name} ({place})" for name, place in found)
        yield "license", " or ".join(sorted(kinds)), shown
    yield from (("license", *one) for one in found if one[0] != UNKNOWN)
    yield from (("license", *one) for one in found)
    yield "license", "proprietary", NOTHING


def python(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the minimum Python, which may be too old for the template."""
    asked, where = evidence.project("requires-python")
    poetry = evidence.poetry.get("dependencies", {}).get("python", "")
    setup = evidence.setup.get("options", "python_requires", fallback="")
    quoted = re.search(
        r"python_requires\s*=\s*[\"']([^\"']+)", evidence.text("setup.py")
    )
    dockerfile = evidence.text("Dockerfile")
    image = re.search(r"(?mi)^FROM\s+\S*python:(3\.\d+)", dockerfile)
    yield "python_version", lowest(str(asked or "")), where
    yield "python_version", lowest(str(poetry)), "pyproject.toml, tool.poetry"
    yield "python_version", lowest(setup), "setup.cfg"
    yield "python_version", lowest(quoted[1] if quoted else ""), "setup.py"
    yield "python_version", lowest(evidence.text(".python-version")), ".python-version"
    yield "python_version", image and image[1], "Dockerfile"


def lowest(versions: str) -> str:
    """Return the lowest Python that a requirement allows; nothing without a bound."""
    found = re.findall(r"(>=|==|~=|\^|~|>|<=?|!=)?\s*=?\s*v?(3\.\d+)", versions)
    return next((it for sign, it in found if sign not in ("<", "<=", "!=")), "")


def libraries(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read answers from the dependencies."""
    for question, answers in LIBRARIES.items():
        for answer, speaking in answers.items():
            for name in speaking:
                if required := evidence.dependencies.get(name):
                    yield question, answer, f"{name} in {required.place}"


def managers(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the package manager from the tables of pyproject.toml, without a lock."""
    for name in ("uv", "poetry", "pdm", "hatch"):
        if name in evidence.pyproject.get("tool", {}):
            yield "package_manager", name, f"pyproject.toml, tool.{name}"
    if file := evidence.has(
        "requirements.txt", "requirements", "setup.py", "setup.cfg"
    ):
        yield "package_manager", "pip", file


def databases(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the database from examples of settings; a test may be what uses SQLite."""
    for name in ADDRESS_FILES:
        for found in ADDRESSES.finditer(evidence.text(name)):
            if found[1] != "sqlite":
                yield "database", SAME.get(found[1], found[1]), f"{found[0]} in {name}"


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
    where = " and ".join(sorted({evidence.dependencies[it].place for it in found}))
    yield "type_checker", answer, where


def address(evidence: Evidence) -> Iterator[tuple[str, Any, str]]:
    """Read the address of the repository; one for SSH is converted to https."""
    remotes = git(evidence.folder, "remote").split()
    if "origin" in remotes:
        url = git(evidence.folder, "remote", "get-url", "origin").removesuffix(".git")
        url = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", url)
        url = re.sub(r"(?<=://)[^/@]+@", "", url)
        if url.startswith("https://"):
            yield "repository_url", url, "origin"


READERS: tuple[Reader, ...] = (
    *(
        names,
        people,
        terms,
        python,
        databases,
        libraries,
        files,
        managers,
        checkers,
        address,
    ),
)


def doubts(found: Found) -> Iterator[str]:
    """Yield each answer that the template does not offer, for the whole template."""
    for name, question in questions().items():
        answer, where = found.get(name, (question.default, ""))
        if question.asked and question.choices and answer not in question.choices:
            offered = ", ".join(map(str, question.choices))
            yield f"{name} is {answer} ({where}), the template has {offered}"
