"""What a command of this repository says when it does not do something."""


class RefusalError(Exception):
    """What cannot be done, in one line that says what to do instead."""
