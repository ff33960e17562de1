"""Renders a release of the template into a folder."""

from dataclasses import dataclass
from pathlib import Path

import copier
from copier.errors import CopierError
from plumbum import local

from extensions.commands import isolated
from extensions.refusals import RefusalError, refusal_of
from extensions.rendering import Answers


@dataclass(frozen=True)
class Template:
    """The address of the template, and a release if it is not the newest."""

    source: str
    release: str = ""


def render(destination: Path, template: Template, answers: Answers) -> Path:
    """Render the newest release, or that one. Raises RefusalError."""
    try:
        # The environment in which Copier runs git.
        with local.env():
            local.env.clear()
            local.env.update(isolated(destination.parent))
            copier.run_copy(
                template.source,
                destination,
                dict(answers),
                vcs_ref=template.release or None,
                settings=copier.Settings(),
                defaults=True,
                quiet=True,
            )
    except (CopierError, TypeError, ValueError) as error:
        raise RefusalError(refusal_of(error)) from error
    return destination
