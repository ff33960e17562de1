"""The questions of the template, read from copier.yml as Copier does."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Question:
    """A question, or a computed value (`asked` is False)."""

    name: str
    kind: str
    default: object
    choices: tuple[str, ...] = ()
    help: str = ""
    asked: bool = True


class _Included(str):
    """The path of an included file."""


class _Loader(yaml.CSafeLoader):
    """A YAML loader with `!include`; PyYAML's own loaders stay unchanged."""


_Loader.add_constructor("!include", lambda _, node: _Included(node.value))


def documents(root: Path = ROOT, name: str = "copier.yml") -> Iterator[dict[str, Any]]:
    """Yield all documents of the template's configuration, in Copier's order."""
    text = (root / name).read_text(encoding="utf-8")
    for document in yaml.load_all(text, Loader=_Loader):
        if isinstance(document, _Included):
            yield from documents(root, document)
        else:
            yield document


def questions(root: Path = ROOT) -> dict[str, Question]:
    """Return the questions by name, in the order of asking; computed values last."""
    return {
        name: _question(name, details)
        for document in documents(root)
        for name, details in document.items()
        if not name.startswith("_")
    }


def _question(name: str, details: dict[str, Any]) -> Question:
    """Create a question from its entry in copier.yml."""
    choices = details.get("choices", ())
    if isinstance(choices, dict):  # label: value
        choices = choices.values()
    return Question(
        name=name,
        kind=details["type"],
        default=details["default"],
        choices=tuple(choices),
        help=details.get("help", ""),
        asked=details.get("when", True) is not False,
    )
