"""Who is calling, and the tools that auth's routes share."""

from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from app.core.config import Settings
from app.core.errors import AuthenticationError
from app.core.security import PasswordHasher, TokenSigner
from app.core.throttle import FailureCounter, LocalFailureCounter

bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token", auto_error=False)


@dataclass(slots=True)
class Keyring:
    """What is made once for the application, and kept secret."""

    settings: Settings
    passwords: PasswordHasher
    signer: TokenSigner
    failures: FailureCounter

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Make everything from the settings."""
        return cls(
            settings,
            PasswordHasher(settings.auth.hash_workers),
            TokenSigner(settings.auth, settings.secret.key),
            LocalFailureCounter(settings.auth.failures_per_minute),
        )


async def get_keyring(request: Request) -> Keyring:
    """Return the keyring of this application."""
    keyring: Keyring = request.app.state.keyring
    return keyring


KeyringDep = Annotated[Keyring, Depends(get_keyring)]


async def get_caller(
    keyring: KeyringDep, token: Annotated[str | None, Depends(bearer)]
) -> UUID:
    """Return who is calling, from the token alone: nothing is looked up."""
    if token is None:
        raise AuthenticationError("Send an access token: Authorization: Bearer …")
    return keyring.signer.read(token)


Caller = Annotated[UUID, Depends(get_caller)]
SIGNED_IN = Depends(get_caller)
