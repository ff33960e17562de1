"""The login throttle counts the client's address, with and without a proxy."""

from pathlib import Path

import pytest
from httpx2 import Client, HTTPTransport

from extensions.serving import environment, migrate
from tests.support.fixture_types import Project
from tests.support.service import PASSWORD, Service, running

# Both reach the service; unless told otherwise it believes only the first one.
OWN_MACHINE, STRANGER = "127.0.0.1", "127.0.0.2"
CALLERS = 12
LET_THROUGH = [401] * CALLERS
TAKEN_FOR_ONE = [401] * 9 + [429] * 3


def log_in(service: Service, peer: str, forwarded: str) -> list[int]:
    """Fail to log in under many names, each time forwarded for another address."""
    transport = HTTPTransport(local_address=peer)
    with Client(base_url=service.url, transport=transport) as client:
        return [
            client.post(
                "/api/v1/auth/token",
                data={"username": f"{number}@example.com", "password": PASSWORD},
                headers={"X-Forwarded-For": forwarded.format(number)},
            ).status_code
            for number in range(CALLERS)
        ]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "answers"),
    [
        pytest.param({}, STRANGER, "10.0.0.{}", TAKEN_FOR_ONE, id="a stranger"),
        pytest.param({}, OWN_MACHINE, "10.0.0.{}", LET_THROUGH, id="own machine"),
        pytest.param(
            {"FORWARDED_ALLOW_IPS": STRANGER},
            STRANGER,
            "10.0.0.{}",
            LET_THROUGH,
            id="a proxy that is trusted",
        ),
        pytest.param(
            {"FORWARDED_ALLOW_IPS": STRANGER},
            STRANGER,
            "10.0.0.{}, 10.0.1.1",
            TAKEN_FOR_ONE,
            id="a caller who speaks before a trusted proxy does",
        ),
    ],
)
def test_forwarded_address_is_used_only_from_trusted_proxies(
    trusted: dict[str, str],
    peer: str,
    forwarded: str,
    answers: list[int],
    project: Project,
    tmp_path: Path,
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/own.db"
    variables = environment(url, AUTH_HASH_WORKERS="4", **trusted)
    migrate(project(), variables)

    with running(project(), tmp_path / "log", variables) as service:
        assert log_in(service, peer, forwarded) == answers
