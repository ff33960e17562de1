"""Errors as the outside reads them: RFC 9457, with a code and the request's id."""

from pydantic import BaseModel


class FieldProblem(BaseModel):
    """What is wrong with one member of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """Any failure. `error` is for machines and never changes its meaning."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: str
    request_id: str | None
    errors: list[FieldProblem] | None = None
