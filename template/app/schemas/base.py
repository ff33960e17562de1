"""What the bodies of requests and answers have in common."""

from pydantic import BaseModel, ConfigDict

# A database text holds no NUL; a name is one line in which something is visible.
# As patterns they stand in the published schema, where generated clients see them.
TEXT = r"^[^\x00]*$"
LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"


class Request(BaseModel):
    """A body that is written to us: a member that we do not know is a mistake.

    So is a number that JSON does not have, though Python reads it: NaN, and infinity.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """A body that we write, from rows and from entities."""

    model_config = ConfigDict(from_attributes=True)
