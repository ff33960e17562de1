"""Base classes of request and response bodies."""

from pydantic import BaseModel, ConfigDict


class RequestModel(BaseModel):
    """Base of request bodies. Unknown fields, NaN and infinity are rejected."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ResponseModel(BaseModel):
    """Base of response bodies, which are created from rows and entities."""

    model_config = ConfigDict(from_attributes=True)


class Page[T](ResponseModel):
    """One page of a list.

    `total` counts the entries of all pages, or is null for `total=false`. `next` is the
    cursor of the next page; it is null on the last one.
    """

    items: list[T]
    total: int | None
    next: str | None = None
