"""Business rules of roles, and of the administration of users."""

from dataclasses import dataclass
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import ConflictError
from app.core.permissions import (
    GRANTS,
    Permission,
    PermissionDeniedError,
    Role,
    stored_role,
)
from app.db import Database, Row, Transaction
from app.models.role import (
    ACTIVE_ADMINISTRATORS,
    ADMINISTRATORS_FOR_UPDATE,
    DELETE_ROLE,
    INSERT_ROLE,
    ROLE_OF_USER,
    USER_FOR_UPDATE,
    USER_LIST,
    USER_WITH_ROLE,
)
from app.models.user import UPDATE_USER
from app.schemas.role import UserPage, UserQuery, UserUpdate, UserWithRole
from app.services.sessions import end_other_sessions
from app.services.users import UserNotFoundError, get_user


class LastAdministratorError(ConflictError):
    """Without an active administrator, there is no one to appoint another."""

    code = "last_administrator"


@dataclass(frozen=True, slots=True)
class RoleService:
    """Lists users, and changes their roles. Each method is one transaction."""

    db: Database
    clock: Clock = utc_now

    async def list_page(self, query: UserQuery) -> UserPage:
        """Return a page of the users. Raises InvalidCursorError."""
        page = await USER_LIST.fetch_page(self.db, **dict(query))
        return UserPage.model_validate(page)

    async def update(
        self, user_id: UUID, data: UserUpdate, caller_id: UUID
    ) -> UserWithRole:
        """Change the given fields of a user. Deactivation ends the sessions.

        Raises:
            PermissionDeniedError: The caller has lost the permission since the login.
            UserNotFoundError: There is no user with this ID.
            LastAdministratorError: No active administrator would remain.
        """
        async with self.db.begin() as transaction:
            await transaction.fetch(ADMINISTRATORS_FOR_UPDATE)
            caller = await transaction.fetchrow(USER_WITH_ROLE, user_id=caller_id)
            if caller is None or not may_write_users(caller):
                raise PermissionDeniedError("You are no administrator any more.")
            return await self._change(transaction, user_id, data)

    async def assign(self, email: str, role: Role) -> UserWithRole:
        """Give a user a role. Raises UserNotFoundError, LastAdministratorError."""
        found = await get_user(self.db, email)
        async with self.db.begin() as transaction:
            await transaction.fetch(ADMINISTRATORS_FOR_UPDATE)
            return await self._change(transaction, found["id"], UserUpdate(role=role))

    async def _change(
        self, transaction: Transaction, user_id: UUID, data: UserUpdate
    ) -> UserWithRole:
        row = await transaction.fetchrow(USER_FOR_UPDATE, user_id=user_id)
        if row is None:
            raise UserNotFoundError(f"There is no user {user_id}.")
        if "role" in data.model_fields_set:
            await transaction.execute(DELETE_ROLE, {"user_id": user_id})
            new = {"user_id": user_id, "role": data.role.value}
            await transaction.execute(INSERT_ROLE, new)
        if "is_active" in data.model_fields_set:
            now, is_active = self.clock(), data.is_active
            values = {"key": user_id, "is_active": is_active, "updated_at": now}
            await transaction.execute(UPDATE_USER, values)
            if not is_active:
                await end_other_sessions(transaction, user_id, now)
        if is_administrator(row) and not await transaction.fetchval(
            ACTIVE_ADMINISTRATORS
        ):
            raise LastAdministratorError("Appoint another administrator first.")
        changed = await transaction.fetchrow(USER_WITH_ROLE, user_id=user_id)
        return UserWithRole.model_validate(changed)


async def read_role(reader: Database | Transaction, user_id: UUID) -> Role:
    """Return the role of a user, from the database or as a transaction sees it."""
    return stored_role(await reader.fetchval(ROLE_OF_USER, user_id=user_id))


def may_write_users(user: Row) -> bool:
    """Return whether a user is active, and has the permission to change users."""
    granted = GRANTS[stored_role(user["role"])]
    return bool(user["is_active"]) and Permission.USERS_WRITE in granted


def is_administrator(user: Row) -> bool:
    """Return whether a user is an active administrator."""
    return bool(user["is_active"]) and user["role"] == Role.ADMINISTRATOR
