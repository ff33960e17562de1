"""Request and response bodies of the administration of users."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool

from app.core.permissions import Role, stored_role
from app.core.text import SingleLine, SortBy
from app.schemas.base import Page, RequestModel
from app.schemas.lists import ListQuery
from app.schemas.user import UserRead

EmailPart = Annotated[str, SingleLine(254), Field(description="A part of the address.")]


class UserUpdate(RequestModel):
    """The fields of a user to change. Without `is_active` a user can not log in."""

    # Only given fields are stored, never these defaults.
    role: Role = Field(default_factory=lambda: Role.MEMBER)
    is_active: StrictBool = Field(default_factory=bool)


class UserWithRole(UserRead):
    """A user, as an administrator sees it."""

    role: Annotated[Role, BeforeValidator(stored_role)]
    is_active: bool


class UserQuery(ListQuery):
    """Which users a list has, and in which order: oldest first by default."""

    sort: Annotated[str, SortBy("created_at", "email")] | None = None
    email: EmailPart | None = None
    role: Role | None = None
    is_active: bool | None = None


class UserPage(Page[UserWithRole]):
    """One page of the users."""
