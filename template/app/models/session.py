"""Sessions: statements. A session is the family of refresh tokens of one login."""

import sqlalchemy as sa

from app.models.token import RefreshToken
from app.models.user import User

user = sa.inspect(User).columns
token = sa.inspect(RefreshToken).columns

_LIVE_TOKEN = sa.exists().where(
    token.family_id == sa.bindparam("session_id"),
    token.user_id == user.id,
    token.revoked_at.is_(None),
    token.expires_at > sa.bindparam("now"),
)

# Releases before 0.5 signed access tokens that name no session.
USER_OF_SESSION = sa.select(user.id).where(
    user.id == sa.bindparam("user_id"),
    user.is_active.is_(True),
    sa.bindparam("session_id", type_=sa.Uuid()).is_(None) | _LIVE_TOKEN,
)

SESSIONS_OF_USER = (
    sa.select(
        token.family_id.label("id"),
        sa.func.min(token.created_at).label("created_at"),
        sa.func.max(token.created_at).label("last_used_at"),
        sa.func.max(token.expires_at).label("expires_at"),
    )
    .where(token.user_id == sa.bindparam("user_id"), token.revoked_at.is_(None))
    .group_by(token.family_id)
    .having(sa.func.max(token.expires_at) > sa.bindparam("now"))
    .order_by(sa.func.max(token.created_at).desc(), token.family_id)
    .limit(100)
)

SESSION_START = sa.select(sa.func.min(token.created_at)).where(
    token.family_id == sa.bindparam("session_id"),
    token.user_id == sa.bindparam("user_id"),
)

_END = (
    sa.update(RefreshToken)
    .where(token.user_id == sa.bindparam("owner"), token.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("now"))
)

END_SESSION = _END.where(token.family_id == sa.bindparam("session_id")).returning(
    token.id
)

# Of no session, if `kept` is None.
END_OTHER_SESSIONS = _END.where(token.family_id.is_distinct_from(sa.bindparam("kept")))
