"""Keys, and access tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from app.core.errors import AuthenticationError
from app.core.security import (
    AuthSettings,
    SecretSettings,
    TokenSigner,
    digest,
    new_refresh_token,
)

# Long enough for every algorithm of its kind.
KEY = "0123456789abcdefghijklmnopqrstuv" * 2
SETTINGS = AuthSettings(issuer="us", audience="us")
ADA = UUID(int=1)
HOUR = timedelta(hours=1)


def signer(*keys: str) -> TokenSigner:
    return TokenSigner(SETTINGS, tuple(SecretStr(key) for key in keys or [KEY]))


def test_refresh_token_is_random_and_stored_as_a_digest() -> None:
    token = new_refresh_token()

    assert len(token) >= 43
    assert token != new_refresh_token()
    assert len(digest(token)) == 64
    assert digest("half \ud800") == digest("half ?")


def test_key_is_random_by_default() -> None:
    assert SecretSettings().key != SecretSettings().key


def test_production_accepts_random_keys() -> None:
    assert (
        SecretSettings.model_validate({"key": f"{KEY},{KEY}"}).production_errors() == []
    )


def test_verified_token_is_rejected_after_it_expires() -> None:
    known, past = signer(), datetime.now(UTC) - HOUR
    token = known.sign(ADA, past)
    known.verified[token] = ADA, int(past.timestamp())

    with pytest.raises(AuthenticationError, match="not valid"):
        known.verify(token)


def test_verified_tokens_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.security.MAX_VERIFIED_TOKENS", 2)
    known, users = signer(), [UUID(int=number) for number in range(5)]

    for user_id in users:
        token = known.sign(user_id, datetime.now(UTC))
        assert [known.verify(token) for _ in range(2)] == [user_id] * 2

    assert len(known.verified) <= 2


def test_signed_token_is_verified() -> None:
    token = signer().sign(ADA, datetime.now(UTC))

    assert signer().verify(token) == ADA
