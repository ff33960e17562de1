"""The template's questions, read from copier.yml as Copier reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Question:
    """One answer of the contract: what it may be, and whether people are asked."""

    name: str
    kind: str
    default: object
    choices: tuple[str, ...] = ()
    help: str = ""
    asked: bool = True


class _Included(str):
    """The path of a file whose documents stand in this place."""


class _Loader(yaml.CSafeLoader):
    """Knows `!include`; a class of its own leaves PyYAML's loaders as they are."""


_Loader.add_constructor("!include", lambda _, node: _Included(node.value))


def documents(root: Path = ROOT, name: str = "copier.yml") -> Iterator[dict[str, Any]]:
    """Every document of the template's configuration, in Copier's order."""
    text = (root / name).read_text(encoding="utf-8")
    for document in yaml.load_all(text, Loader=_Loader):
        if isinstance(document, _Included):
            yield from documents(root, document)
        else:
            yield document


def questions(root: Path = ROOT) -> dict[str, Question]:
    """Every question by name, in the order of asking; the computed ones come last."""
    return {
        name: _question(name, details)
        for document in documents(root)
        for name, details in document.items()
        if not name.startswith("_")
    }


def _question(name: str, details: dict[str, Any]) -> Question:
    """What copier.yml says of one question."""
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
