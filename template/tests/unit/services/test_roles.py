"""Business rules of roles."""

import pytest

from app.core.ids import uuid7
from app.core.permissions import Role, stored_role
from app.db import Database
from app.schemas.role import UserQuery, UserUpdate
from app.services.roles import LastAdministratorError, RoleService
from app.services.users import UserNotFoundError
from tests.factories import make_user

EMAIL = "ada@example.com"


@pytest.fixture
async def roles(database: Database) -> RoleService:
    """The service, with one member."""
    async with database.session() as session:
        session.add(make_user(email=EMAIL))
    return RoleService(database)


async def test_role_is_assigned_by_address(roles: RoleService) -> None:
    assigned = await roles.assign("Ada@Example.com", Role.ADMINISTRATOR)

    assert assigned.role is Role.ADMINISTRATOR
    page = await roles.list_page(UserQuery(role=Role.ADMINISTRATOR))
    assert [user.email for user in page.items] == [EMAIL]


async def test_unknown_user_is_not_found(roles: RoleService) -> None:
    with pytest.raises(UserNotFoundError):
        await roles.assign("grace@example.com", Role.MEMBER)
    caller = await roles.assign(EMAIL, Role.ADMINISTRATOR)
    with pytest.raises(UserNotFoundError):
        await roles.update(uuid7(), UserUpdate(is_active=True), caller.id)


async def test_last_active_administrator_is_not_demoted(roles: RoleService) -> None:
    await roles.assign(EMAIL, Role.ADMINISTRATOR)

    with pytest.raises(LastAdministratorError):
        await roles.assign(EMAIL, Role.MEMBER)

    page = await roles.list_page(UserQuery())
    assert [user.role for user in page.items] == [Role.ADMINISTRATOR]


def test_role_that_was_removed_from_the_code_is_that_of_a_member() -> None:
    roles = [stored_role(it) for it in ("auditor", None, "administrator")]

    assert roles == [Role.MEMBER, Role.MEMBER, Role.ADMINISTRATOR]
