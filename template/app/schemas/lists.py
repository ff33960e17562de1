"""Query parameters of lists."""

from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from app.schemas.base import RequestModel


class ListQuery(RequestModel):
    """Base of the query parameters of a list. Subclasses add a sort and filters."""

    limit: int = Field(default=50, ge=1, le=100, description="Size of the page.")
    offset: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Number of entries to skip."
    )
    cursor: str | None = Field(
        default=None, max_length=4000, description="`next` of the previous page."
    )
    total: bool = Field(default=True, description="Whether to count all entries.")

    @model_validator(mode="before")
    @classmethod
    def reject_unknown_names(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError for unknown parameters, with the names of all."""
        unknown = [name for name in values if name not in cls.model_fields]
        if unknown:
            allowed = {"error": ValueError(f"Allowed: {', '.join(cls.model_fields)}")}
            raise ValidationError.from_exception_data(
                cls.__name__,
                [
                    {
                        "type": "value_error",
                        "loc": (name,),
                        "input": None,
                        "ctx": allowed,
                    }
                    for name in unknown
                ],
            )
        return values

    @model_validator(mode="after")
    def reject_cursor_with_offset(self) -> Self:
        """Raise ValueError for two positions in the list."""
        if self.cursor is not None and self.offset:
            raise ValueError("A cursor and an offset exclude each other")
        return self
