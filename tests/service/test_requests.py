"""Requests that do not end are rejected; ordinary and slow responses are not."""

import socket
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.support.running_service import LIVE, RunningService, ServiceFactory
from tests.support.service import ITEMS, Service

GET = f"GET {LIVE} HTTP/1.1\r\nHost: x\r\n".encode()
POST = b"POST /nowhere HTTP/1.1\r\nHost: x\r\n"
LOGIN = (
    b"POST /api/v1/auth/refresh HTTP/1.1\r\n"
    b"Host: x\r\nContent-Type: application/json\r\n"
)
CHUNKED = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"Connection: close\r\n\r\n"
MEGABYTE = b"x" * 1_000_000
OVERSIZED = {
    "header": [GET + b"X: ", *[MEGABYTE] * 100],
    "header name": [GET, *[MEGABYTE] * 10],
    "many headers": [GET, *[b"X: y\r\n" * 100_000] * 10],
    "URL": [b"GET /", *[MEGABYTE] * 10],
    "trailer": [CHUNKED + b"0\r\nX: ", *[MEGABYTE] * 10],
    "chunk extension": [CHUNKED + b"1;", *[MEGABYTE] * 10],
}
SLOW = {
    "nothing": [b""],
    "request line": [b"GET /"] + [b"x"] * 50,
    "headers": [GET] + [b"X: y\r\n"] * 50,
    "no body": [LOGIN + b"Content-Length: 9\r\n\r\n"],
    "body": [LOGIN + b"Content-Length: 99\r\n\r\n"] + [b" "] * 50,
    "chunks": [CHUNKED] + [b"1\r\n \r\n"] * 50,
    "trailers": [CHUNKED + b"0\r\n"] + [b"X: y\r\n"] * 50,
    "second request": [GET + b"\r\n" + GET] + [b"X: y\r\n"] * 50,
}
LINGERING = {
    "unread body": [POST + b"Content-Length: 99\r\n\r\n"] + [b" "] * 50,
    "too large body": [LOGIN + b"Content-Length: 9999999\r\n\r\n"] + [b" "] * 50,
    "line ends": [GET + b"\r\n"] + [b"\r\n"] * 50,
}
BODY = b" " * 900_000 + b"{}"
ORDINARY = {
    "largest header": [GET, b"X: " + b"x" * 32_761 + b"\r\n\r\n", GET + END],
    "large header": [GET + b"X: " + b"x" * 30_000 + b"\r\n" + END],
    "header in parts": [GET + b"X: ", *[b"x" * 3_000] * 10, b"\r\n" + END],
    "large body": [LOGIN + b"Content-Length: 900002\r\n" + END + BODY],
    "small chunks": [
        LOGIN + b"Transfer-Encoding: chunked\r\n" + END,
        *[b"1\r\n \r\n" * 1_000] * 60,
        b"2\r\n{}\r\n0\r\n\r\n",
    ],
    "pipeline": [GET + b"\r\n"] * 1_000 + [GET + END],
}


@pytest.fixture
def hasty(service_factory: ServiceFactory) -> RunningService:
    """Give a running service that waits one second for a request."""
    return service_factory.start(API_REQUEST_TIMEOUT="1")


def exchange(service: Service, parts: Iterable[bytes], pause: float = 0) -> str:
    """Send parts until the connection is closed, and return what was received."""
    url = urlsplit(service.url)
    received = b""
    with socket.create_connection((url.hostname, url.port), timeout=15) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
        except ConnectionError:
            pass  # The response was sent before.
        try:
            while block := line.recv(65536):
                received += block
        except ConnectionError:
            pass
    return received.decode()


def test_oversized_request_head_is_rejected(running_service: RunningService) -> None:
    service = running_service.service
    for name, parts in OVERSIZED.items():
        started = time.monotonic()
        response = exchange(service, parts)

        assert "HTTP/1.1 431 " in response, name
        assert '"error": "headers_too_large"' in response
        assert time.monotonic() - started < 2
    assert service.get(LIVE).status_code == 200


def test_slow_request_is_rejected_after_its_timeout(hasty: RunningService) -> None:
    for name, parts in SLOW.items():
        started = time.monotonic()
        response = exchange(hasty.service, parts, pause=0.1)

        assert "HTTP/1.1 408 " in response, name
        assert '"error": "request_timeout"' in response
        assert 0.9 < time.monotonic() - started < 3


def test_connection_without_a_next_request_is_closed(hasty: RunningService) -> None:
    for name, parts in LINGERING.items():
        started = time.monotonic()
        response = exchange(hasty.service, parts, pause=0.1)

        assert response.count("HTTP/1.1 ") == 1, name
        assert time.monotonic() - started < 3


def test_invalid_http_is_a_problem_document(running_service: RunningService) -> None:
    response = exchange(running_service.service, [b"no HTTP\r\n\r\n"])

    assert response.startswith("HTTP/1.1 400 ")
    assert '"error": "bad_request"' in response
    assert "x-request-id: " in response


def test_ordinary_requests_meet_no_limit(hasty: RunningService) -> None:
    for name, parts in ORDINARY.items():
        response = exchange(hasty.service, parts, pause=0.1 / len(parts))

        assert " 431 " not in response and " 408 " not in response, name
        requests = b"".join(parts).count(b" HTTP/1.1\r\n")
        assert response.count("HTTP/1.1 ") == requests, name


def test_slow_response_meets_no_limit(hasty: RunningService) -> None:
    request = f"GET {ITEMS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with ThreadPoolExecutor() as clients:
        with hasty.locked():
            sent = clients.submit(exchange, hasty.service, [request.encode()])
            time.sleep(2)

        assert sent.result().startswith("HTTP/1.1 200 ")
