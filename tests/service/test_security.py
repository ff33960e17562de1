"""The login throttle counts the client's address, with and without a proxy."""

from pathlib import Path

import pytest
from httpx2 import Client, HTTPTransport

from extensions.serving import environment, migrate
from tests.support.fixture_types import Project
from tests.support.service import PASSWORD, Service, running

# Both addresses reach the service; by default it trusts only the first one as a proxy.
PROXY, CLIENT = "127.0.0.1", "127.0.0.2"
CALLERS = 12
UNTHROTTLED = [401] * CALLERS
THROTTLED = [401] * 9 + [429] * 3


def fail_to_log_in(service: Service, peer: str, forwarded: str) -> list[int]:
    """Fail to log in with many names, each with another X-Forwarded-For address."""
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
    ("trusted", "peer", "forwarded", "statuses"),
    [
        pytest.param({}, CLIENT, "10.0.0.{}", THROTTLED, id="a client"),
        pytest.param({}, PROXY, "10.0.0.{}", UNTHROTTLED, id="a trusted proxy"),
        pytest.param(
            {"FORWARDED_ALLOW_IPS": CLIENT},
            CLIENT,
            "10.0.0.{}",
            UNTHROTTLED,
            id="a proxy that is trusted",
        ),
        pytest.param(
            {"FORWARDED_ALLOW_IPS": CLIENT},
            CLIENT,
            "10.0.0.{}, 10.0.1.1",
            THROTTLED,
            id="a caller who speaks before a trusted proxy does",
        ),
    ],
)
def test_forwarded_address_is_used_only_from_trusted_proxies(
    trusted: dict[str, str],
    peer: str,
    forwarded: str,
    statuses: list[int],
    project: Project,
    tmp_path: Path,
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/own.db"
    variables = environment(url, AUTH_HASH_WORKERS="4", **trusted)
    migrate(project(), variables)

    with running(project(), tmp_path / "log", variables) as service:
        assert fail_to_log_in(service, peer, forwarded) == statuses
