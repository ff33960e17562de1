"""Signatures of OpenID providers, and of the cookies of logins that have begun."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import jwt
from pydantic import SecretStr

Key = jwt.PyJWK
TokenError = jwt.PyJWTError
# Signatures with public keys only: no shared secret, and not `none`.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat"]
COOKIE_ALGORITHM = "HS256"


def usable_keys(document: dict[str, Any]) -> dict[str | None, Key]:
    """Return the keys for signatures by their ID, without shared secrets.

    Raises TokenError.
    """
    return {
        key.key_id: key
        for key in jwt.PyJWKSet.from_dict(document).keys
        if key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig")
    }


def key_id_of(token: str) -> str | None:
    """Return the ID of the key that has signed a token. Raises TokenError."""
    key_id: str | None = jwt.get_unverified_header(token).get("kid")
    return key_id


def verify(
    token: str, key: Key, issuer: str, audience: str, leeway: float
) -> dict[str, Any]:
    """Return the claims of a token. Raises TokenError."""
    return jwt.decode(
        token,
        key,
        algorithms=[key.algorithm_name],
        issuer=issuer,
        audience=audience,
        leeway=leeway,
        options={"require": REQUIRED_CLAIMS, "enforce_minimum_key_length": True},
    )


def unverified_issuer(token: str) -> str | None:
    """Return what a token claims to be its issuer, or None without a claim."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def cookie_keys(keys: Sequence[SecretStr]) -> list[bytes]:
    """Derive keys of cookies from those of access tokens: a cookie is no token."""
    texts = [key.get_secret_value().encode() for key in keys]
    return [hmac.digest(text, b"oidc login", "sha256") for text in texts]


def sign_cookie(
    claims: dict[str, Any], key: bytes, audience: str, expires_at: datetime
) -> str:
    """Return the value of a cookie for one provider."""
    return jwt.encode(
        claims | {"aud": audience, "exp": expires_at}, key, COOKIE_ALGORITHM
    )


def read_cookie(
    cookie: str, keys: Sequence[bytes], audience: str
) -> dict[str, Any] | None:
    """Return the claims of a cookie, or None if it is not valid."""
    for key in keys:
        try:
            return jwt.decode(
                cookie,
                key,
                [COOKIE_ALGORITHM],
                audience=audience,
                options={"require": ["exp", "aud"]},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError:
            break
    return None


def is_equal(first: str, second: str) -> bool:
    """Compare two texts in the same time for all texts of a length."""
    return hmac.compare_digest(first.encode(), second.encode())
