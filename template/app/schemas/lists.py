"""Query parameters of lists."""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from app.schemas.base import RequestModel


class SortBy:
    """Annotation of a sort: `Annotated[str, SortBy("name", "created_at")]`.

    A value is one or more of these names, separated by commas. A name after `-` sorts
    in descending order.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> Any:
        """Validate the names, and document them in the OpenAPI schema."""
        name = f"-?({'|'.join(self.names)})"
        pattern = f"^{name}(,{name}){{0,{len(self.names) - 1}}}$"
        text = Field(
            description="Names, separated by commas; `-` before a name: descending.",
            json_schema_extra={"pattern": pattern},
        )
        return handler.generate_schema(Annotated[str, text, AfterValidator(self.check)])

    def check(self, sort: str) -> str:
        """Return a valid sort. Raises ValueError, with the names that are allowed."""
        names = [name.removeprefix("-") for name in sort.split(",")]
        if len(names) > len(self.names) or not {*names} <= {*self.names}:
            raise ValueError(f"Allowed, also with '-': {', '.join(self.names)}")
        return sort


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
        allowed = ", ".join(cls.model_fields)
        unknown = PydanticCustomError("unknown_parameter", f"Allowed: {allowed}")
        errors = [
            InitErrorDetails(type=unknown, loc=(name,), input=None)
            for name in values
            if name not in cls.model_fields
        ]
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return values

    @model_validator(mode="after")
    def reject_cursor_with_offset(self) -> Self:
        """Raise ValueError for two positions in the list."""
        if self.cursor is not None and self.offset:
            raise ValueError("A cursor and an offset exclude each other")
        return self
