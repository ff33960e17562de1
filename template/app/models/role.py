"""Roles of users: table, and the statements of administrators."""

import sqlalchemy as sa

from app.core.permissions import Role
from app.db.lists import Listing, contains
from app.models.base import Base
from app.models.user import User

# A user without a row is a member.
USER_ROLES = sa.Table(
    "user_roles",
    Base.metadata,
    sa.Column(
        "user_id",
        sa.Uuid(),
        sa.ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("role", sa.String(64), nullable=False, index=True),
)
_USERS = sa.inspect(User).columns
_ROLE = sa.func.coalesce(USER_ROLES.c.role, Role.MEMBER.value)
_IS_ADMINISTRATOR = USER_ROLES.c.role == Role.ADMINISTRATOR.value
_WITH_ROLES = sa.select(
    _USERS.id, _USERS.email, _ROLE.label("role"), _USERS.is_active, _USERS.created_at
).select_from(sa.outerjoin(User, USER_ROLES))

ROLE_OF_USER = sa.select(USER_ROLES.c.role).where(
    USER_ROLES.c.user_id == sa.bindparam("user_id")
)
USER_WITH_ROLE = _WITH_ROLES.where(_USERS.id == sa.bindparam("user_id"))
USER_FOR_UPDATE = USER_WITH_ROLE.with_for_update(of=User)
USER_LIST = Listing(
    _WITH_ROLES,
    key=_USERS.id,
    filters={"email": contains(_USERS.email), "role": lambda role: _ROLE == role},
)

# Locked before each change of a role: of two administrators who demote each other,
# the second waits, and is then the last one.
ADMINISTRATORS_FOR_UPDATE = (
    sa.select(USER_ROLES.c.user_id)
    .where(_IS_ADMINISTRATOR)
    .order_by(USER_ROLES.c.user_id)
    .with_for_update()
)
ACTIVE_ADMINISTRATORS = (
    sa.select(sa.func.count())
    .select_from(sa.join(User, USER_ROLES))
    .where(_IS_ADMINISTRATOR, _USERS.is_active)
)
DELETE_ROLE = sa.delete(USER_ROLES).where(
    USER_ROLES.c.user_id == sa.bindparam("user_id")
)
INSERT_ROLE = sa.insert(USER_ROLES)
