"""Error responses: RFC 9457, with an error code and the request ID."""

from pydantic import BaseModel


class FieldProblem(BaseModel):
    """The error of one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """An error response (RFC 9457). `error` is a stable, machine-readable code."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: str
    request_id: str | None
    errors: list[FieldProblem] | None = None
