"""The one error that commands report in a line."""


class RefusedError(Exception):
    """A command was refused: the message names the reason and what to type instead."""
