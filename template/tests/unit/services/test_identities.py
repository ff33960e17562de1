"""Users who log in at an OpenID provider."""

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import update

from app.api.v1.auth import get_auth_service
from app.core.errors import AuthenticationError
from app.db import Database
from app.models.user import User
from app.schemas.oidc import Claims
from app.services.auth import WrongCredentialsError
from app.services.identities import (
    EmailNotVerifiedError,
    IdentityReader,
    IdentityService,
    IdentityTakenError,
)
from tests.factories import make_user

ADA = Claims(iss="https://id.example.com", sub="1", email="Ada@example.com")


@pytest.fixture
async def service(app: FastAPI, database: Database) -> IdentityService:
    """The service of a request."""
    request = Request({"type": "http", "app": app})
    return IdentityService(database, await get_auth_service(request))


async def test_unverified_address_creates_a_user_only_if_the_provider_is_trusted(
    service: IdentityService, database: Database
) -> None:
    with pytest.raises(EmailNotVerifiedError):
        await service.log_in(ADA, trust_email=False)

    await service.log_in(ADA, trust_email=True)

    row = await IdentityReader(database).find(ADA)
    assert row and row["is_active"]


async def test_inactive_or_unknown_user_is_rejected(
    service: IdentityService, database: Database
) -> None:
    reader = IdentityReader(database)
    with pytest.raises(AuthenticationError):
        await reader.identify(ADA)
    await service.log_in(ADA, trust_email=True)
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    with pytest.raises(AuthenticationError):
        await service.log_in(ADA, trust_email=True)
    with pytest.raises(AuthenticationError):
        await reader.identify(ADA)


async def test_identity_of_another_user_is_not_linked(
    service: IdentityService, database: Database
) -> None:
    await service.log_in(ADA, trust_email=True)
    async with database.session() as session:
        session.add(user := make_user(email="grace@example.com"))

    with pytest.raises(IdentityTakenError):
        await service.link(ADA, user.id)


async def test_user_of_a_provider_has_no_password(service: IdentityService) -> None:
    await service.log_in(ADA, trust_email=True)

    for password in ("", "!"):
        with pytest.raises(WrongCredentialsError):
            await service.auth.log_in("ada@example.com", password, "10.0.0.1")
