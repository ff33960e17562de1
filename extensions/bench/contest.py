"""Starts the generated service and the reference on the same data."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from httpx2 import Client

from extensions.bench.load import LoadError
from extensions.postgresql import new_server
from extensions.questions import ROOT
from extensions.serving import Serving, environment, migrate, serving

API = "/api/v1"
ITEMS = 200
HERE = str(Path(__file__).parent)
REFERENCE = ("--app-dir", HERE, "reference:app")
SERVICE = ("--app-dir", HERE, "filtered:create_app", "--factory")
# Runs of wrk start seconds apart, so that no name is used twice.
WRITE = """\
local run, number = os.time(), 0
wrk.method = "{method}"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
request = function()
  number = number + 1
  local name = run .. "-" .. number
  return wrk.format(nil, nil, nil,
    '{{"name": "' .. name .. '", "description": "A lamp of brass.", '
    .. '"tags": ["red", "blue"]}}')
end
"""


@dataclass(frozen=True)
class Contest:
    """Both services, and the requests to send."""

    service: Serving
    reference: Serving
    paths: dict[str, str]
    scripts: dict[str, Path]


@contextmanager
def contest(folder: Path) -> Iterator[Contest]:
    """Create a project and a database with items, and start both services."""
    project = folder / "project"
    made = ["make", "service", f"DEST={project}"]
    subprocess.run(made, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    server = new_server()
    server.start()
    try:
        variables = production(server.database())
        migrate(project, variables)
        plain = (*REFERENCE, "--no-access-log")
        asked = f"{API}/items?limit=1"
        with (
            serving(project, variables, target=SERVICE) as service,
            serving(project, variables, target=plain, ready=asked) as reference,
        ):
            apart(service, reference)
            paths, token = prepare(service)
            compare(service, reference, paths)
            scripts = {}
            for kind, method in {"create": "POST", "change": "PATCH"}.items():
                scripts[kind] = folder / f"{kind}.lua"
                scripts[kind].write_text(WRITE.format(method=method, token=token))
            yield Contest(service, reference, paths, scripts)
    finally:
        server.stop()


def production(url: str) -> dict[str, str]:
    """Return the variables of a service in production."""
    secret = {"SECRET_KEY": uuid4().hex * 2, "AUTH_ACCESS_MINUTES": "600"}
    return environment(url, ENVIRONMENT="production", PYTHONPATH=".", **secret)


def apart(*served: Serving) -> None:
    """Pin the process to a CPU of its own, if there are two."""
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(0, others)
        for one in served:
            os.sched_setaffinity(one.process.pid, {first})


def prepare(service: Serving) -> tuple[dict[str, str], str]:
    """Store items over HTTP, and return an ID and an access token."""
    with Client(base_url=f"{service.url}{API}") as client:
        who = {"email": "bench@example.com", "password": uuid4().hex}
        client.post("/auth/register", json=who).raise_for_status()
        form = {"username": who["email"], "password": who["password"]}
        token = client.post("/auth/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        items = [
            {"name": f"lamp {number}", "description": "Brass.", "tags": ["red", "blue"]}
            for number in range(ITEMS)
        ]
        keys = [client.post("/items", json=item).json()["id"] for item in items]
    filters = "q=LAMP&created_after=2026-01-01T00:00:00Z&limit=20"
    paths = {
        "one": f"/items/{keys[3]}",
        "list": "/items?limit=60",
        "filtered": f"/items?{filters}&sort=name&total=false",
        "built": f"/built?{filters}",
        "create": "/items",
        "change": f"/items/{keys[5]}",
    }
    return paths, token


def compare(service: Serving, reference: Serving, paths: dict[str, str]) -> None:
    """Compare the responses of both. Raises LoadError."""
    for name in ("one", "list", "filtered", "built"):
        bodies = []
        for served in (service, reference):
            with Client(base_url=f"{served.url}{API}") as client:
                body = client.get(paths[name]).raise_for_status().json()
                # A cursor is opaque: each service has its own.
                bodies.append({key: body[key] for key in body if key != "next"})
        if bodies[0] != bodies[1]:
            raise LoadError(f"{name}: the two responses differ: {bodies}")
