"""Keys and tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from pydantic import SecretStr, ValidationError

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


def forged(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """Sign what we would sign, but for the given claims; None leaves one out."""
    now = datetime.now(UTC)
    good = {"sub": str(ADA), "iss": "us", "aud": "us", "iat": now, "exp": now + HOUR}
    wanted = {name: value for name, value in (good | claims).items() if value}
    return jwt.encode(wanted, key, algorithm=algorithm)


def test_a_token_says_who_the_caller_is() -> None:
    token = signer().sign(ADA, datetime.now(UTC))

    assert signer().verify(token) == ADA


def test_every_listed_key_verifies_and_the_first_one_signs() -> None:
    old = signer("o" * 32).sign(ADA, datetime.now(UTC))
    rotated = signer("n" * 32, "o" * 32)

    assert rotated.verify(old) == ADA
    assert signer("n" * 32).verify(rotated.sign(ADA, datetime.now(UTC))) == ADA


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.token",
        pytest.param(new_refresh_token(), id="refresh token"),
        signer().sign(ADA, datetime.now(UTC) - HOUR),
        forged(key="f" * 32),
        forged(key="", algorithm="none"),
        forged(algorithm="HS512"),
        forged(aud="others"),
        forged(iss="others"),
        forged(aud=None),
        forged(iss=None),
        forged(iat=None),
        forged(exp=None),
        forged(sub=None),
        forged(sub="ada"),
    ],
)
def test_what_is_not_ours_or_not_any_more_is_refused(token: str) -> None:
    with pytest.raises(AuthenticationError, match="not valid"):
        signer().verify(token)


def test_a_refresh_token_can_not_be_guessed_from_what_is_stored() -> None:
    token = new_refresh_token()

    assert len(token) >= 43
    assert token != new_refresh_token()
    assert len(digest(token)) == 64
    assert digest("half \ud800") == digest("half ?")


def test_a_short_key_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="at least 32") as refusal:
        SecretSettings.model_validate({"key": f"{KEY},hunter2"})

    assert "hunter2" not in str(refusal.value)


def test_without_a_key_every_process_makes_its_own() -> None:
    assert SecretSettings().key != SecretSettings().key


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "is required"),
        ({"key": "change-me-" + KEY}, "is a placeholder"),
        ({"key": "x" * 40}, "is a placeholder"),
        ({"key": f"{KEY},{'your-key-here-' * 3}"}, "is a placeholder"),
    ],
)
def test_production_signs_with_a_key_made_for_it(
    given: dict[str, str], complaint: str
) -> None:
    (objection,) = SecretSettings.model_validate(given).production_errors()

    assert objection.startswith("SECRET_KEY")
    assert complaint in objection


def test_production_takes_keys_that_were_made_for_it() -> None:
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
