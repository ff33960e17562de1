"""Renders the template with Copier, without its output."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from extensions.questions import ROOT

ANSWERS_FILE = ".copier-answers.yml"

Answers = Mapping[str, Any]


def presets(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Return the answers of each preset by name."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for path in sorted(root.glob("presets/*.yml"))
    }


def render(
    destination: Path,
    answers: Answers | None = None,
    *,
    source: Path = ROOT,
    ref: str = "HEAD",
    unsafe: bool = False,
) -> Path:
    """Render a project; HEAD is the working tree, uncommitted changes included."""
    # Copier takes a second to import: commands that render nothing do without it.
    import copier
    from copier.errors import CopierWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CopierWarning)
        copier.run_copy(
            str(source),
            destination,
            dict(answers or {}),
            vcs_ref=ref,
            defaults=True,
            quiet=True,
            unsafe=unsafe,
        )
    return destination


def answers_of(project: Path) -> dict[str, Any]:
    """Return the recorded answers of a project."""
    recorded = yaml.safe_load((project / ANSWERS_FILE).read_text(encoding="utf-8"))
    return dict(recorded)
