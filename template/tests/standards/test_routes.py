"""What the routes take and give is described by Pydantic models."""

import inspect
from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, TypeAliasType, get_args, get_origin

from fastapi import FastAPI, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.fields import FieldInfo

# How a body is read by hand: with these names a route has parsed it itself.
BY_HAND = [{"json"}, {"form"}, {"body", "loads"}]


def routes(app: FastAPI) -> list[APIRoute]:
    """Give the routes of the service; there are some."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    ours = [route for route in found if isinstance(route, APIRoute)]
    assert ours, "no route was found"
    return ours


def name_of(route: APIRoute) -> str:
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


def is_modelled(kind: Any) -> bool:
    """Say whether a model describes all of it; None needs no description."""
    if isinstance(kind, TypeAliasType):
        return is_modelled(kind.__value__)
    parts = get_args(kind)
    if get_origin(kind) is Annotated:
        parts = parts[:1]
    if not parts:
        return isinstance(kind, type) and issubclass(kind, BaseModel)
    return all(is_modelled(part) for part in parts if part is not NoneType)


def bodies(dependant: Dependant) -> Iterator[tuple[str, FieldInfo]]:
    """Find what a route and everything that it depends on read from the body."""
    for field in dependant.body_params:
        yield field.name, field.field_info
    for inner in dependant.dependencies:
        yield from bodies(inner)


def reads_by_hand(route: APIRoute) -> bool:
    call = inspect.unwrap(route.endpoint)
    takes = [one.annotation for one in inspect.signature(call).parameters.values()]
    names = {*call.__code__.co_names}
    return Request in takes and any(way <= names for way in BY_HAND)


def is_no_model(route: APIRoute) -> bool:
    """Say whether an answer with a body has no model, and is JSON all the same."""
    if route.response_model is not None:
        return not is_modelled(route.response_model)
    given = inspect.signature(inspect.unwrap(route.endpoint)).return_annotation
    if given is None or given is NoneType:
        return False
    kind = route.response_class
    if isinstance(kind, type) and not issubclass(kind, JSONResponse):
        return False
    other = isinstance(given, type) and issubclass(given, Response)
    return not other or given is Response or issubclass(given, JSONResponse)


def test_every_body_of_a_request_is_a_model(app: FastAPI) -> None:
    loose = [
        f"{name_of(route)}: {name}"
        for route in routes(app)
        for name, info in bodies(route.dependant)
        if not isinstance(info, params.Form) and not is_modelled(info.annotation)
    ]

    assert not loose, f"VAL-01: not a Pydantic model: {loose}"


def test_no_route_parses_a_body_itself(app: FastAPI) -> None:
    parsed = [name_of(route) for route in routes(app) if reads_by_hand(route)]

    assert not parsed, f"VAL-01: read by hand, not by a Pydantic model: {parsed}"


def test_every_answer_is_a_model(app: FastAPI) -> None:
    loose = [name_of(route) for route in routes(app) if is_no_model(route)]

    assert not loose, f"VAL-02: answered without a Pydantic model: {loose}"
