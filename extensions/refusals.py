"""Errors of the commands of this repository, in one line each."""

import traceback


class RefusalError(Exception):
    """A command can not run. The message is one line, with what to do instead."""


def refusal_of(error: Exception) -> str:
    """Return the last line of a traceback, in which Copier names the invalid answer."""
    return traceback.format_exception_only(error)[-1].strip().splitlines()[-1]
