"""Error responses: RFC 9457, with an error code and the request ID."""

from pydantic import BaseModel


class FieldProblem(BaseModel):
    """The error of one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """An error response. `error` is for programs, and keeps its meaning."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: str
    request_id: str | None
    errors: list[FieldProblem] | None = None
