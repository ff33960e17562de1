"""Attacks on logins at an OpenID provider and on its access tokens, and its faults."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from time import monotonic, time
from typing import Any

import jwt
import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from hypothesis import given
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.rate_limit import caller_of
from app.core.clock import utc_now
from app.core.ids import uuid7
from app.core.oidc_settings import OidcSettings
from app.oidc.login import LoginSigner
from app.oidc.provider import ProviderUnavailableError, TokenRejectedError
from app.oidc.providers import OpenIdProviders
from app.schemas.oidc import Login
from tests.factories import make_settings
from tests.support.auth import bearer
from tests.support.fuzzing import FUZZING, load_schema
from tests.support.oidc import AUTH, CLIENT, ISSUER, Provider, connect, log_in

ME = "/api/v1/users/me"
API = CLIENT.api_audience
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """The key of the provider, made once."""
    return Provider().key


@pytest.fixture
def provider(key: rsa.RSAPrivateKey, app: FastAPI) -> Provider:
    """The provider of the test."""
    provider = Provider(key=key)
    connect(app, provider)
    return provider


@pytest.fixture
async def browser(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A browser, which sends the cookies of TLS."""
    async with AsyncClient(transport=ASGITransport(app), base_url="https://test") as it:
        yield it


async def status_of(client: AsyncClient, token: str) -> int:
    """Return the status of a request with an access token."""
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.get(ME, headers=headers)).status_code


def encoded(value: object) -> bytes:
    """Return a part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def with_header(token: str, **header: object) -> str:
    """Return a token with another header, and the old signature."""
    return f"{encoded(header).decode()}.{token.partition('.')[2]}"


def hs256_with_public_key(provider: Provider) -> str:
    """Return a token whose shared secret is the public key, as PEM."""
    public = provider.key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _, payload, _ = provider.sign(aud=API).split(".")
    header = encoded({"alg": "HS256", "typ": "JWT", "kid": provider.key_id})
    signed = header + b"." + payload.encode()
    signature = base64.urlsafe_b64encode(hmac.digest(pem, signed, hashlib.sha256))
    return f"{signed.decode()}.{signature.rstrip(b'=').decode()}"


def of_other_key(provider: Provider, **header: object) -> str:
    """Return a token that is signed with a key of the attacker."""
    other = rsa.generate_private_key(65537, 2048)
    claims = jwt.decode(provider.sign(aud=API), options={"verify_signature": False})
    return jwt.encode(claims, other, "RS256", headers={"kid": "k1"} | header)


FORGED: dict[str, Callable[[Provider], str]] = {
    "none": lambda p: with_header(p.sign(aud=API), alg="none", kid="k1"),
    "none, no signature": lambda p: with_header(
        p.sign(aud=API).rpartition(".")[0] + ".", alg="none"
    ),
    "HS256 with the public key": hs256_with_public_key,
    "other key": of_other_key,
    "other key, in the header": lambda p: of_other_key(p, jku="https://x", x5u="x"),
    "other algorithm of the key": lambda p: jwt.encode(
        {"iss": ISSUER, "aud": API}, p.key, "PS256", headers={"kid": "k1"}
    ),
    "path as key": lambda p: with_header(p.sign(aud=API), alg="RS256", kid="../../x"),
    "number as key": lambda p: with_header(p.sign(aud=API), alg="RS256", kid=1),
    "no key": lambda p: with_header(p.sign(aud=API), alg="RS256"),
    "expired": lambda p: p.sign(aud=API, exp=int(time()) - 60),
    "not yet": lambda p: p.sign(aud=API, nbf=int(time()) + 600),
    "issued later": lambda p: p.sign(aud=API, iat=int(time()) + 600),
    "no expiry": lambda p: p.sign(aud=API, exp=None),
    "ID token": lambda p: p.sign(nonce="n"),
    "no audience": lambda p: p.sign(aud=[]),
    "other issuer": lambda p: p.sign(aud=API, iss="https://other.example"),
    "issuer with a slash": lambda p: p.sign(aud=API, iss=f"{ISSUER}/"),
    "issuers": lambda p: jwt.PyJWS().encode(
        json.dumps({"iss": [ISSUER], "aud": API}).encode(), p.key, "RS256"
    ),
    "other subject": lambda p: p.sign(aud=API, sub="2"),
    "no subject": lambda p: p.sign(aud=API, sub=None),
    "number as subject": lambda p: p.sign(aud=API, sub=1),
    "NUL in the subject": lambda p: p.sign(aud=API, sub="1\0"),
    "long subject": lambda p: p.sign(aud=API, sub="1" * 256),
    "1 MB": lambda p: p.sign(aud=API, padding="x" * 2**20),
    "deep": lambda p: with_header(p.sign(aud=API), x=json.loads("[" * 900 + "]" * 900)),
}


@pytest.mark.parametrize("attack", FORGED)
async def test_forged_access_token_is_rejected(
    attack: str, provider: Provider, browser: AsyncClient
) -> None:
    await log_in(browser, provider)

    assert await status_of(browser, provider.sign(aud=API)) == 200
    assert await status_of(browser, FORGED[attack](provider)) == 401


async def test_tokens_of_two_issuers_are_never_exchanged(
    provider: Provider, browser: AsyncClient, app: FastAPI
) -> None:
    tokens = (await log_in(browser, provider)).json()
    own = tokens["access_token"]
    claims = jwt.decode(own, options={"verify_signature": False})
    secret = app.state.settings.secret.key[0].get_secret_value()
    as_foreign = jwt.encode(claims | {"iss": ISSUER, "aud": API}, secret, "HS256")
    as_own = provider.sign(**claims)

    assert await status_of(browser, own) == 200
    assert await status_of(browser, as_foreign) == 401
    assert await status_of(browser, as_own) == 401
    assert await status_of(browser, tokens["refresh_token"]) == 401


async def test_cookie_of_a_login_is_no_access_token_and_the_reverse(
    provider: Provider, browser: AsyncClient, app: FastAPI
) -> None:
    begun = await browser.get(f"{AUTH}/login")
    [cookie] = browser.cookies.jar
    assert await status_of(browser, str(cookie.value)) == 401

    query = provider.approve(begun.headers["Location"])
    browser.cookies.clear()
    token = bearer(app, uuid7())["Authorization"].removeprefix("Bearer ")
    browser.cookies.set(cookie.name, token)

    assert (await browser.get(f"{AUTH}/callback", params=query)).status_code == 401


async def test_cookie_is_for_tls_one_host_and_no_script(
    provider: Provider, browser: AsyncClient
) -> None:
    header = (await browser.get(f"{AUTH}/login")).headers["Set-Cookie"]

    assert header.startswith("__Host-oidc-corp=")
    wanted = {"Secure", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"}
    assert wanted <= {*header.split("; ")}
    assert "Domain" not in header


def test_cookie_is_for_one_provider_one_state_and_ten_minutes(
    provider: Provider, app: FastAPI
) -> None:
    two = {"corp": CLIENT, "two": CLIENT.model_copy(update={"issuer": "https://two"})}
    settings = make_settings(oidc=OidcSettings(providers=two))
    providers = OpenIdProviders.from_settings(settings)
    corp, other = providers.get("corp"), providers.get("two")
    login, signer = Login(), providers.logins
    cookie = signer.sign(login, corp)

    assert signer.read(cookie, corp, login.state) == login
    old = LoginSigner(signer.keys, clock=lambda: utc_now() - timedelta(minutes=11))
    reads: list[Callable[[], Login]] = [
        lambda: signer.read(cookie, other, login.state),
        lambda: signer.read(cookie, corp, "other"),
        lambda: signer.read(cookie, corp, ""),
        lambda: signer.read("", corp, ""),
        lambda: signer.read(old.sign(login, corp), corp, login.state),
        lambda: LoginSigner([b"k" * 32]).read(cookie, corp, login.state),
    ]
    for read in reads:
        with pytest.raises(TokenRejectedError):
            read()
    # The key was rotated meanwhile.
    rotated = LoginSigner([b"k" * 32, *signer.keys])
    assert rotated.read(cookie, corp, login.state) == login


@pytest.mark.parametrize(
    "query",
    ["redirect_uri=https://x.example", "next=//x.example", "return_to=/\\x.example"],
)
async def test_login_redirects_to_the_provider_only(
    query: str, provider: Provider, browser: AsyncClient
) -> None:
    headers = {"Host": "x.example", "X-Forwarded-Host": "x.example"}
    begun = await browser.get(f"{AUTH}/login?{query}", headers=headers)

    assert begun.headers["Location"].startswith(f"{ISSUER}/authorize?")
    assert "x.example" not in begun.headers["Location"]


async def test_login_of_an_attacker_is_not_finished_in_another_browser(
    provider: Provider, browser: AsyncClient, app: FastAPI
) -> None:
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="https://test") as attacker:
        begun = await attacker.get(f"{AUTH}/login")
        query = provider.approve(begun.headers["Location"])
    await browser.get(f"{AUTH}/login")

    response = await browser.get(f"{AUTH}/callback", params=query)

    assert response.json()["error"] == "login_rejected"
    assert provider.login, "the code was sent to the provider"


async def test_callback_with_the_issuer_of_another_provider_is_rejected(
    provider: Provider, browser: AsyncClient
) -> None:
    begun = await browser.get(f"{AUTH}/login")
    query = provider.approve(begun.headers["Location"]) | {"iss": "https://x.example"}

    assert (await browser.get(f"{AUTH}/callback", params=query)).status_code == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": ["app", "x"]}, 401),
        ({"aud": ["app", "x"], "azp": "x"}, 401),
        ({"aud": ["app", "x"], "azp": "app"}, 200),
        ({"azp": "x"}, 401),
        ({"nonce": None}, 401),
        ({"email_verified": "true"}, 200),
        ({"email_verified": None}, 403),
        ({"email": None}, 403),
        ({"email": "ada"}, 403),
        ({"email": "ada@example.com\0"}, 403),
        ({"email": 1}, 401),
        ({"sub": "\ud800"}, 401),
        ({"sub": "1\0"}, 401),
        ({"sub": "1" * 256}, 401),
        ({"padding": "x" * 2**20}, 401),
    ],
)
async def test_claims_of_id_tokens_are_checked(
    claims: dict[str, Any], status: int, provider: Provider, browser: AsyncClient
) -> None:
    provider.forged = claims

    assert (await log_in(browser, provider)).status_code == status


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": "read write"}, 200),
        ({"scp": ["read", "write"]}, 200),
        ({"scp": "write read"}, 200),
        ({"scope": "read"}, 403),
        ({"scope": "readwrite"}, 403),
        ({}, 403),
    ],
)
async def test_access_token_needs_all_scopes(
    claims: dict[str, Any],
    status: int,
    provider: Provider,
    browser: AsyncClient,
    app: FastAPI,
) -> None:
    await log_in(browser, provider)
    client = app.state.oidc.get("corp")
    scopes = {"api_scopes": frozenset({"read", "write"})}
    client.settings = client.settings.model_copy(update=scopes)

    assert await status_of(browser, provider.sign(aud=API, **claims)) == status


@pytest.fixture
async def known(provider: Provider, browser: AsyncClient) -> str:
    """An access token whose key is known; the requests until then are forgotten."""
    await log_in(browser, provider)
    provider.requests.clear()
    return provider.sign(aud=API)


async def test_requests_with_a_token_of_the_provider_are_counted_by_user(
    known: str, app: FastAPI
) -> None:
    headers = [(b"authorization", f"Bearer {known}".encode())]
    request = Request({"type": "http", "app": app, "headers": headers})

    assert (await caller_of(request)).startswith("user:")


async def test_new_key_of_the_provider_is_fetched(
    known: str, provider: Provider, browser: AsyncClient, app: FastAPI
) -> None:
    provider.key, provider.key_id = rsa.generate_private_key(65537, 2048), "k2"
    app.state.oidc.get("corp").clock = lambda: monotonic() + 61
    token = provider.sign(aud=API)

    client = app.state.oidc.get("corp")
    claims = await asyncio.gather(*(client.verify_access_token(token) for _ in "abc"))

    assert {one.sub for one in claims} == {"1"}
    assert provider.requests == [DISCOVERY, "/keys"]
    assert await status_of(browser, known) == 401


async def test_flood_of_unknown_keys_is_one_fetch(
    known: str, provider: Provider, browser: AsyncClient, app: FastAPI
) -> None:
    app.state.oidc.get("corp").clock = lambda: monotonic() + 61
    flood = [with_header(known, alg="RS256", kid=f"x{n}") for n in range(50)]

    statuses = await asyncio.gather(*(status_of(browser, token) for token in flood))

    assert {*statuses} == {401}
    assert provider.requests == [DISCOVERY, "/keys"]


async def test_known_keys_are_used_for_a_day_while_the_provider_is_down(
    known: str, provider: Provider, browser: AsyncClient, app: FastAPI
) -> None:
    provider.is_down = True
    client = app.state.oidc.get("corp")

    client.clock = lambda: monotonic() + 3601
    assert await status_of(browser, known) == 200
    assert await status_of(browser, known) == 200
    assert provider.requests == [DISCOVERY]
    client.clock = lambda: monotonic() + 86_401
    response = await browser.get(ME, headers={"Authorization": f"Bearer {known}"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


async def test_provider_that_hangs_is_asked_once_for_all_requests(
    provider: Provider,
    app: FastAPI,
    browser: AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang(_: Request) -> JSONResponse:
        provider.requests.append("hangs")
        await asyncio.sleep(60)
        return JSONResponse({})

    monkeypatch.setattr("app.oidc.provider.TIMEOUT", 0.1)
    monkeypatch.setattr(provider, "configuration", hang)
    connect(app, provider)
    logins = [browser.get(f"{AUTH}/login") for _ in range(10)]

    async with asyncio.timeout(2):
        responses = await asyncio.gather(*logins)

    assert {response.status_code for response in responses} == {503}
    assert provider.requests == ["hangs"]


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://id.example.com/token"},
        {"jwks_uri": "https://id.example.com/none"},
        {"jwks_uri": None},
        [],
    ],
)
async def test_configuration_of_another_provider_is_rejected(
    document: Any, provider: Provider, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = {"type": "http", "path": "/", "headers": []}
    right = json.loads(bytes((await provider.configuration(Request(scope))).body))

    async def respond(_: Request) -> JSONResponse:
        return JSONResponse(right | document if document else document)

    monkeypatch.setattr(provider, "configuration", respond)
    connect(app, provider)

    with pytest.raises(ProviderUnavailableError):
        await app.state.oidc.get("corp").configuration()


async def test_shared_secret_weak_key_and_key_for_encryption_are_not_used(
    provider: Provider, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    elliptic = ec.generate_private_key(ec.SECP256R1())
    keys = [
        {"kty": "oct", "k": "a" * 64, "kid": "secret"},
        json.loads(RSAAlgorithm.to_jwk(provider.key.public_key()))
        | {"kid": "encryption", "use": "enc"},
        json.loads(RSAAlgorithm.to_jwk(weak.public_key())) | {"kid": "weak"},
        json.loads(ECAlgorithm.to_jwk(elliptic.public_key())) | {"kid": "elliptic"},
        {"kty": "unknown"},
        1,
    ]

    async def respond(_: Request) -> JSONResponse:
        return JSONResponse({"keys": keys})

    monkeypatch.setattr(provider, "keys", respond)
    connect(app, provider)
    client = app.state.oidc.get("corp")
    claims = jwt.decode(provider.sign(aud=API), options={"verify_signature": False})
    secret = base64.urlsafe_b64decode("a" * 64)
    signed: dict[str, tuple[Any, str]] = {
        "secret": (secret, "HS256"),
        "encryption": (provider.key, "RS256"),
        "elliptic": (elliptic, "ES256"),
    }

    accepted = []
    for key_id, (key, algorithm) in signed.items():
        token = jwt.encode(claims, key, algorithm, headers={"kid": key_id})
        try:
            await client.verify_access_token(token)
            accepted.append(key_id)
        except TokenRejectedError:
            continue

    assert accepted == ["elliptic"]
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = jwt.encode(claims, weak, "RS256", headers={"kid": "weak"})
    with pytest.raises(TokenRejectedError):
        await client.verify_access_token(token)


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        (["client_secret_basic", "client_secret_post"], "basic"),
        (["client_secret_post"], "post"),
    ],
)
async def test_client_authenticates_as_the_provider_supports(
    methods: list[str],
    expected: str,
    provider: Provider,
    app: FastAPI,
    browser: AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    configuration, token = provider.configuration, provider.token

    async def support(request: Request) -> JSONResponse:
        document = json.loads(bytes((await configuration(request)).body))
        names = {"token_endpoint_auth_methods_supported": methods}
        return JSONResponse(document | names)

    async def record(request: Request) -> JSONResponse:
        basic = request.headers.get("Authorization", "").startswith("Basic ")
        seen.append("basic" if basic else "post")
        assert basic != ("client_secret" in await request.form())
        return await token(request)

    monkeypatch.setattr(provider, "configuration", support)
    monkeypatch.setattr(provider, "token", record)
    connect(app, provider)

    assert (await log_in(browser, provider)).status_code == 200
    assert seen == [expected]


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "oops"), (401, '{"error": "invalid_client"}'), (200, "{}"), (200, "[]")],
)
async def test_failing_token_endpoint_returns_503_without_secrets_in_the_log(
    status: int,
    body: str,
    provider: Provider,
    app: FastAPI,
    browser: AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fail(_: Request) -> Response:
        return Response(body, status)

    monkeypatch.setattr(provider, "token", fail)
    connect(app, provider)

    response = await log_in(browser, provider)

    assert (response.status_code, response.json()["error"]) == (
        503,
        "provider_unavailable",
    )
    log = capsys.readouterr().out
    assert "oidc_provider_failed" in log
    for secret in ("hunter2", "code=", "code_verifier"):
        assert secret not in log


async def test_address_that_changes_at_the_provider_keeps_the_user(
    provider: Provider, browser: AsyncClient
) -> None:
    first = await log_in(browser, provider)
    provider.claims["email"] = "changed@example.com"
    second = await log_in(browser, provider)

    ids = [
        (await browser.get(ME, headers={"Authorization": f"Bearer {token}"})).json()
        for token in (one.json()["access_token"] for one in (first, second))
    ]
    assert ids[0] == ids[1]


def test_generated_requests_get_documented_responses(
    committing_app: FastAPI, caller_headers: dict[str, str], key: rsa.RSAPrivateKey
) -> None:
    connect(committing_app, Provider(key=key))
    for schema in load_schema(committing_app):
        routes = schema.include(path_regex="/oidc/")

        @FUZZING
        @given(routes.as_strategy())
        def has_documented_response(case: schemathesis.Case[Any]) -> None:
            case.path_parameters["provider"] = "corp"
            case.call_and_validate(headers=caller_headers)

        has_documented_response()
