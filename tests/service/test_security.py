"""Limits count the client's address, with and without a proxy."""

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
LIST = "/api/v1/items"


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


def test_general_limit_counts_callers_behind_a_proxy(
    project: Project, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/own.db"
    variables = environment(url, API_REQUESTS_PER_MINUTE="3", WEB_CONCURRENCY="1")
    migrate(project(), variables)

    with running(project(), tmp_path / "log", variables) as service:
        read = [
            service.get(LIST, headers={"X-Forwarded-For": address})
            for address in ["10.0.0.1"] * 5 + ["10.0.0.2"]
        ]
        probes = {service.get("/health/ready").status_code for _ in range(9)}

    assert [response.status_code for response in read] == [200] * 3 + [429] * 2 + [200]
    assert read[4].json()["error"] == "too_many_requests"
    assert 0 < int(read[4].headers["Retry-After"]) <= 20
    assert read[4].headers["RateLimit-Policy"] == '"caller";q=3;w=60'
    assert read[5].headers["RateLimit"] == '"caller";r=2;t=20'
    assert probes == {200}


def test_untrusted_proxy_is_named_in_the_log(project: Project, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/own.db"
    production = {
        "ENVIRONMENT": "production",
        "DATABASE_ALLOW_SQLITE": "true",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCD",  # nosec B105
    }
    variables = environment(url) | production
    migrate(project(), variables)

    with running(project(), tmp_path / "log", variables) as service:
        started = service.records()
        fail_to_log_in(service, CLIENT, "10.0.0.{}")
        fail_to_log_in(service, PROXY, "10.0.0.{}")
        logged = service.records()

    events = [record for record in logged if record["event"] == "untrusted_proxy"]
    assert "no_trusted_proxy" in [record["event"] for record in started]
    assert [record["address"] for record in events] == [CLIENT]
    assert events[0]["setting"] == "FORWARDED_ALLOW_IPS"
