"""Base classes of request and response bodies."""

from pydantic import BaseModel, ConfigDict


class RequestModel(BaseModel):
    """Base of request bodies. Unknown fields, NaN and infinity are rejected."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ResponseModel(BaseModel):
    """Base of response bodies, which are created from rows and entities."""

    model_config = ConfigDict(from_attributes=True)


class Page[T](ResponseModel):
    """One page of a list, and the number of entries on all pages."""

    items: list[T]
    total: int
