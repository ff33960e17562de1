"""Renders a release of the template into a folder."""

import warnings
from dataclasses import dataclass
from pathlib import Path

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
    # Copier takes a second to import, which a dry run does not need.
    import copier
    from copier.errors import CopierError, CopierWarning
    from plumbum import local

    try:
        # The environment in which Copier runs git.
        with local.env(), warnings.catch_warnings():
            warnings.simplefilter("ignore", CopierWarning)
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
