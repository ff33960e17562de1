"""Keys, and access tokens."""

import asyncio
import sys
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt
import pytest
from pydantic import SecretStr

from app.core.errors import AuthenticationError
from app.core.security import (
    AuthSettings,
    Identity,
    SecretSettings,
    TokenSigner,
    hash_token,
    new_refresh_token,
)

# Long enough for every algorithm of its kind.
KEY = "0123456789abcdefghijklmnopqrstuv" * 2
KEYS = (SecretStr(KEY),)
SETTINGS = AuthSettings(issuer="us", audience="us")
ADA = UUID(int=1)
HOUR = timedelta(hours=1)


def signer(*keys: str) -> TokenSigner:
    return TokenSigner(SETTINGS, tuple(SecretStr(key) for key in keys or [KEY]))


def test_refresh_token_is_random_and_stored_as_a_digest() -> None:
    token = new_refresh_token()

    assert len(token) >= 43
    assert token != new_refresh_token()
    assert len(hash_token(token)) == 64
    assert hash_token("half \ud800") == hash_token("half ?")


# What a worker of a server does: multiprocessing starts it with the key of its parent.
WORKERS = """
import multiprocessing as mp
from app.core.security import SecretSettings

def run(keys):
    keys.put(SecretSettings().key[0].get_secret_value())

if __name__ == "__main__":
    for method in ("spawn", "fork"):
        context = mp.get_context(method)
        keys = context.Queue()
        started = [context.Process(target=run, args=(keys,)) for _ in range(2)]
        for one in started:
            one.start()
        print(keys.get(timeout=30), keys.get(timeout=30))
"""


@pytest.mark.blocks
async def test_processes_of_a_server_share_a_random_key(tmp_path: Path) -> None:
    (tmp_path / "workers.py").write_text(WORKERS, encoding="utf-8")

    async def keys() -> list[str]:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, tmp_path / "workers.py"),
            env={"PYTHONPATH": str(Path.cwd())},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await server.communicate()
        return output.decode().split()

    first, second = await keys(), await keys()

    assert len(first) == len(second) == 4
    assert len({*first}) == len({*second}) == 1
    assert {*first} != {*second}
    assert all(len(key) == 64 for key in first)


def test_production_accepts_random_keys() -> None:
    assert (
        SecretSettings.model_validate({"key": f"{KEY},{KEY}"}).production_errors() == []
    )


def test_verified_token_is_rejected_after_it_expires() -> None:
    known, past = signer(), datetime.now(UTC) - HOUR
    token = known.sign(ADA, past)
    known.verified[token] = Identity(ADA), int(past.timestamp())

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


def shifted(seconds: float, **more: float) -> str:
    """Sign a token on a machine whose clock differs."""
    now = datetime.now(UTC) + timedelta(seconds=seconds)
    names = {"sub": str(ADA), "iss": "us", "aud": "us"}
    times = {"iat": now.timestamp(), "exp": now.timestamp() + 3600}
    return jwt.encode(names | times | more, KEY, algorithm="HS256")


def test_token_of_a_clock_within_the_leeway_is_accepted() -> None:
    tokens = [
        shifted(4),
        shifted(-3603),
        shifted(0, nbf=datetime.now().timestamp() + 4),
    ]

    for token in tokens:
        assert [signer().verify(token) for _ in range(2)] == [ADA] * 2


def test_token_of_a_clock_beyond_the_leeway_is_rejected() -> None:
    late = datetime.now().timestamp() + 60

    for token in (shifted(60), shifted(-3610), shifted(0, nbf=late)):
        with pytest.raises(AuthenticationError):
            signer().verify(token)


def test_leeway_can_be_switched_off() -> None:
    strict = TokenSigner(SETTINGS.model_copy(update={"leeway_seconds": 0}), KEYS)

    for token in (shifted(3), shifted(-3602)):
        with pytest.raises(AuthenticationError):
            strict.verify(token)


def test_verified_token_is_remembered_until_the_end_of_the_leeway() -> None:
    known, token = signer(), shifted(-3602)
    known.verify(token)

    assert known.verified[token][1] > datetime.now(UTC).timestamp()


def test_successor_depends_on_the_token_and_the_first_key() -> None:
    old, new = "o" * 32, "n" * 32

    assert signer(new, old).successor("a") == signer(new).successor("a")
    assert signer(old).successor("a") != signer(new).successor("a")
    assert signer(new).successor("a") != signer(new).successor("b")
    assert len(signer().successor("a")) == len(new_refresh_token())


def test_successor_is_never_the_signature_of_an_access_token() -> None:
    signed, _, signature = signer().sign(ADA, datetime.now(UTC)).rpartition(".")

    assert signer().successor(signed) != urlsafe_b64decode(signature + "=").hex()
