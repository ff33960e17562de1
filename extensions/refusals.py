"""What a command of this repository says when it does not do something."""

import traceback


class RefusalError(Exception):
    """What cannot be done, in one line that says what to do instead."""


def refusal_of(error: Exception) -> str:
    """Give the last line of a traceback: there, Copier names what it refuses."""
    return traceback.format_exception_only(error)[-1].strip().splitlines()[-1]
