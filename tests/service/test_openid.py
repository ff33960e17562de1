"""Login at `oidc-provider`, a certified OpenID provider that runs here."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from httpx2 import Client, Response

from extensions.questions import ROOT
from extensions.serving import environment, migrate
from tests.support.commands import succeed
from tests.support.containers import free_port
from tests.support.fixture_types import Project
from tests.support.matrix import EVERYTHING
from tests.support.service import Service, running
from tests.support.shared_cache import SharedCache

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not shutil.which("npm"), reason="npm is missing"),
]
PACKAGE = "oidc-provider@9.13.3"
AUTH = "/api/v1/auth/oidc/corp"
# The test reads the query of this address, which nothing serves.
CALLBACK = f"http://127.0.0.1:1{AUTH}/callback"
FORM = re.compile(r'<form[^>]* action="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture(scope="module")
def package(shared_cache: SharedCache) -> Path:
    """The provider, installed once."""

    def install(place: Path) -> None:
        place.mkdir()
        quiet = ("--no-audit", "--no-fund", "--silent", "--prefix")
        succeed(["npm", "install", *quiet, place, PACKAGE], place)
        shutil.copy(ROOT / "tests" / "data" / "openid" / "provider.mjs", place)

    return shared_cache.once("openid-provider", install)


@contextmanager
def providing(package: Path, issuer: str) -> Iterator[None]:
    """Run the provider until the block ends."""
    command = ["node", "provider.mjs", issuer, CALLBACK]
    with subprocess.Popen(
        command, cwd=package, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout and process.stdout.readline() == "ready\n"
            yield
        finally:
            process.terminate()


@pytest.fixture
def issuer() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def service(issuer: str, project: Project, tmp_path: Path) -> Iterator[Service]:
    """A service that knows the provider."""
    provider = {
        "issuer": issuer,
        "client_id": "app",
        "client_secret": "hunter2",  # pragma: allowlist secret  # nosec B105
        "redirect_uri": CALLBACK,
    }
    place = project(EVERYTHING)
    variables = environment(
        f"sqlite+aiosqlite:///{tmp_path}/local.db",
        OIDC_PROVIDERS=json.dumps({"corp": provider}),
    )
    migrate(place, variables)
    with running(place, tmp_path / "log", variables) as service:
        yield service


def approve(browser: Client, url: str) -> str:
    """Log in and consent on the pages of the provider; return the query it sends."""
    response: Response = browser.get(f"{url}{AUTH}/login")
    for _ in range(12):
        location = response.headers.get("Location", "")
        if location.startswith(CALLBACK):
            return urlsplit(location).query
        if location:
            response = browser.get(response.url.join(location))
            continue
        [action] = FORM.findall(response.text)
        form = dict(HIDDEN.findall(response.text)) | {
            "login": "ada",
            "password": "x",
        }  # nosec
        response = browser.post(response.url.join(action), data=form)
    pytest.fail(f"the provider sends no code: {response.status_code} {response.text}")


def test_login_at_a_certified_provider(
    service: Service, issuer: str, package: Path
) -> None:
    callback = f"{service.url}{AUTH}/callback"
    with Client(timeout=20) as browser:
        with providing(package, issuer):
            query = approve(browser, service.url)
            cookie = browser.cookies.get("oidc-corp")
            tokens = browser.get(f"{callback}?{query}").json()
            assert "oidc-corp" not in browser.cookies
            replayed = browser.get(
                f"{callback}?{query}", headers={"Cookie": f"oidc-corp={cookie}"}
            )
            denied = approve(browser, service.url).replace("code=", "error=")
            refused = browser.get(f"{callback}?{denied}")
            later = approve(browser, service.url)
        away = browser.get(f"{callback}?{later}")

        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        me = browser.get(f"{service.url}/api/v1/users/me", headers=bearer).json()
    rejected = [it for it in service.records() if it["event"] == "oidc_rejected"]

    assert me["email"] == "ada@example.com"
    assert [one.status_code for one in (replayed, refused, away)] == [401, 401, 503]
    assert [it["reason"] for it in rejected] == ["the code is not valid", "denied"]
    assert service.get("/health/ready").json()["oidc"] == "unavailable"
