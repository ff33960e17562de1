"""Reads a list of repositories: lines, YAML, or the JSON of a forge's API."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from extensions.refusals import RefusalError

KEYS = ("url", "branch", "folder", "wave")
# The wave of entries that name none; those of the first wave are the canaries.
REST = 2
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|[^/]+@[^/]+:", re.IGNORECASE)


@dataclass(frozen=True)
class Repository:
    """The address, branch and folder of a project."""

    url: str
    branch: str = ""
    folder: str = ""
    # A listing of an organisation also has repositories of other templates.
    certain: bool = True
    wave: int = REST

    @property
    def name(self) -> str:
        """Return a readable and unique name."""
        whole = "\0".join((self.url, self.branch, self.folder))
        path = f"{self.url.rstrip('/').removesuffix('.git')}/{self.folder}"
        last = re.sub(r"[^A-Za-z0-9._-]", "-", path.rstrip("/").rpartition("/")[2])
        return f"{last.lstrip('.-')}-{sha256(whole.encode()).hexdigest()[:6]}"


def read(file: Path) -> list[Repository]:
    """Read a list, each repository once. Raises RefusalError."""
    readers = {".json": _forge, ".yml": _yaml, ".yaml": _yaml}
    try:
        text = file.read_text(encoding="utf-8")
        found = [*readers.get(file.suffix, _lines)(text)]
    except OSError as error:
        raise RefusalError(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise RefusalError(f"{file}: no list of repositories: {reason}") from error
    if not found:
        raise RefusalError(f"{file}: it lists no repository")
    return list(dict.fromkeys(_placed(one, file.parent) for one in found))


def _placed(one: Repository, folder: Path) -> Repository:
    """Resolve a path relative to the folder of the list."""
    if one.url.startswith("-") or ".." in Path(one.folder).parts:
        raise RefusalError(f"{one.url} {one.folder}: neither a path nor a URL")
    if ADDRESS.match(one.url):
        return one
    place = str((folder / Path(one.url).expanduser()).resolve())
    return replace(one, url=place, folder=one.folder.strip("/"))


def _lines(text: str) -> Iterator[Repository]:
    """Read `URL branch=… folder=… wave=…`, one a line; # begins a comment."""
    for line in text.splitlines():
        url, *details = re.sub(r"(^|\s)#.*", "", line).split() or [""]
        if url:
            pairs = [word.partition("=") for word in details]
            yield _entry({"url": url, **{key: value for key, _, value in pairs}})


def _yaml(text: str) -> Iterator[Repository]:
    """Read a YAML list of URLs, or of mappings with a url, a branch and a folder."""
    entries = yaml.safe_load(text) or []
    if not isinstance(entries, list):
        raise TypeError("write a YAML list")
    for one in entries:
        yield _entry({"url": one} if isinstance(one, str) else one)


def _entry(words: dict[str, str]) -> Repository:
    """Read one entry. Raises KeyError for unknown or missing keys."""
    if not isinstance(words, dict):
        raise TypeError(f"{words!r} is no repository")
    if "url" not in words:
        raise KeyError("each entry has a url")
    if unknown := {*words} - {*KEYS}:
        raise KeyError(f"{', '.join(sorted(unknown))}; write {', '.join(KEYS)}")
    url, branch, folder = (str(words.get(key) or "") for key in KEYS[:3])
    return Repository(url, branch, folder, wave=int(words.get("wave") or REST))


def _forge(text: str) -> Iterator[Repository]:
    """Read the projects of an organisation, as listed by GitHub or GitLab."""
    answer = json.loads(text)
    if not isinstance(answer, list):
        raise TypeError(f"the forge answered {text.strip()[:200]}")
    for one in _flat(answer):
        if not isinstance(one, dict):
            raise TypeError(f"{one!r} is no repository")
        if not one.get("archived"):
            url = one.get("clone_url") or one["http_url_to_repo"]
            yield Repository(url, one.get("default_branch") or "", certain=False)


def _flat(answer: list[Any]) -> Iterator[Any]:
    """Yield the repositories of all pages, which may be nested lists."""
    for one in answer:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one
