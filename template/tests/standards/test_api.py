"""Rules about requests, responses and errors, checked on the running application."""

import inspect
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, TypeAliasType, get_args, get_origin

import pytest
from fastapi import FastAPI, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from httpx2 import AsyncClient
from pydantic import BaseModel, ValidationError

from app.core.config import CorsSettings, LogSettings, Settings
from app.core.errors import ConflictError, UnavailableError

ROOT = Path(__file__).parents[2]
# A route that uses these names parses its body itself.
PARSERS = [{"json"}, {"form"}, {"body", "loads"}]
ADDRESS = re.compile(r"(^|_)(e?mail|e_mail|e?mail_address)(es|s)?$")
DETAIL = "hunter2"
FIELDS = {"event", "level", "timestamp"}

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def routes(app: FastAPI) -> list[APIRoute]:
    """The routes of the application, without those of FastAPI."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    own = [route for route in found if isinstance(route, APIRoute)]
    assert own, "no route was found"
    return own


def is_modelled(kind: Any) -> bool:
    """Return whether a type consists of Pydantic models, or None."""
    if isinstance(kind, TypeAliasType):
        return is_modelled(kind.__value__)
    parts = get_args(kind)[: 1 if get_origin(kind) is Annotated else None]
    if not parts:
        return isinstance(kind, type) and issubclass(kind, BaseModel)
    return all(is_modelled(part) for part in parts if part is not NoneType)


def loose_bodies(dependant: Dependant) -> Iterator[str]:
    """Find body parameters, of dependencies as well, that are no models."""
    for field in dependant.body_params:
        form = isinstance(field.field_info, params.Form)
        if not form and not is_modelled(field.field_info.annotation):
            yield field.name
    for inner in dependant.dependencies:
        yield from loose_bodies(inner)


def parses_body(route: APIRoute) -> bool:
    call = inspect.unwrap(route.endpoint)
    kinds = [one.annotation for one in inspect.signature(call).parameters.values()]
    return Request in kinds and any(it <= {*call.__code__.co_names} for it in PARSERS)


def returns_loose_json(route: APIRoute) -> bool:
    if route.response_model is not None:
        return not is_modelled(route.response_model)
    given = inspect.signature(inspect.unwrap(route.endpoint)).return_annotation
    # A class of responses may be the annotation instead of an argument of the route.
    special = inspect.isclass(given) and issubclass(given, Response)
    kind = given if special and given is not Response else route.response_class
    json = not inspect.isclass(kind) or issubclass(kind, JSONResponse)
    return given not in (None, NoneType) and json


def test_request_bodies_are_models(routes: list[APIRoute]) -> None:
    loose = [(one.path, name) for one in routes for name in loose_bodies(one.dependant)]
    parsed = [one.path for one in routes if parses_body(one)]

    assert not loose, f"VAL-01: bodies without a Pydantic model: {loose}"
    assert not parsed, f"VAL-01: bodies parsed by the route itself: {parsed}"


def test_responses_are_models(routes: list[APIRoute]) -> None:
    loose = [one.path for one in routes if returns_loose_json(one)]

    assert not loose, f"VAL-02: responses without a Pydantic model: {loose}"


def test_email_addresses_are_validated(app: FastAPI) -> None:
    loose = [
        f"{name}.{field}"
        for name, model in app.openapi().get("components", {})["schemas"].items()
        for field, kind in model.get("properties", {}).items()
        if ADDRESS.search(field) and '"email"' not in json.dumps(kind)
    ]

    assert not loose, f"VAL-03: not an EmailStr: {loose}"


@pytest.mark.parametrize("origin", ["*", "https://*", "https://*.example.com", "null"])
def test_wildcard_origin_is_rejected(origin: str) -> None:
    with pytest.raises(ValidationError):
        CorsSettings(origins=(origin,))
        pytest.fail(f"SEC-08: DID NOT RAISE: {origin} is accepted")


@pytest.mark.parametrize(
    "error", [RuntimeError(DETAIL), ConflictError(DETAIL), UnavailableError(DETAIL)]
)
async def test_errors_are_json_for_the_client_and_in_the_log(
    error: Exception, app: FastAPI, client: AsyncClient, capsys: Capture
) -> None:
    @app.get("/failing")
    async def failing() -> None:
        raise error

    response = await client.get("/failing")
    logging.getLogger("some.library").warning("two\nlines")
    written = capsys.readouterr().out.splitlines()

    kind = response.headers.get("content-type", "")
    assert kind.endswith("json"), f"ERR-02: response is {kind}: {response.text}"
    assert response.json().get("error"), f"ERR-02: no code in {response.text}"
    try:
        records = [json.loads(line) for line in written]
    except ValueError:
        pytest.fail(f"LOG-01: not JSON: {written}")
    loose = [one for one in records if not FIELDS <= one.keys()]
    assert not loose, f"LOG-01: event, level or timestamp is missing: {loose}"
    levels = [one["level"] for one in records if DETAIL in json.dumps(one)][:1]
    assert levels in (["warning"], ["error"]), f"ERR-04: {error!r} is logged: {levels}"


def test_production_logs_are_json_by_default() -> None:
    production = Settings.model_construct(environment="production", log=LogSettings())

    assert not production.logs_are_text, "LOG-01: text in production"


def is_tested(module: str, folder: str, evidence: str) -> bool:
    """Return whether a module has tests, which contain the evidence."""
    file = ROOT / f"tests/{folder}/test_{module}.py"
    code = file.read_text(encoding="utf-8") if file.exists() else ""
    return bool(re.search(r"^(async )?def test_", code, re.M)) and evidence in code


# It reads the files of the tests, and no request waits for it.
@pytest.mark.blocks
def test_services_and_routers_have_tests(routes: list[APIRoute]) -> None:
    services = {path.stem for path in (ROOT / "app/services").rglob("[!_]*.py")}
    routers = {path.stem for path in (ROOT / "app/api/v1").rglob("[!_]*.py")}
    modules = [route.endpoint.__module__ for route in routes]
    routers |= {name.split(".")[-1] for name in modules if name.startswith("app.")}

    for name in services:
        tested = is_tested(name, "unit/services", f"app.services.{name}")
        assert tested, f"TEST-02: no tests in tests/unit/services for {name}"
    for name in routers:
        tested = is_tested(name, "integration/api", "AsyncClient")
        assert tested, f"TEST-03: no tests in tests/integration/api for {name}"
