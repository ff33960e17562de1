"""Included routers behave as FastAPI's own: here each is compared with it."""

from collections.abc import AsyncIterable, Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from app.api.openapi import Api


class NestedApi(Api):
    """The application with FastAPI's own way to include a router."""

    def include_router(self, router: APIRouter, **options: Any) -> None:
        """Include a router without copies of its routes."""
        FastAPI.include_router(self, router, **options)


async def reject() -> None:
    raise HTTPException(403)


def plain() -> APIRouter:
    router = APIRouter(prefix="/books", tags=["books"], dependencies=[Depends(reject)])

    @router.get("/{book}", summary="Read it", deprecated=True, responses={404: {}})
    async def read(book: int) -> list[int]:
        return [book]

    return router


def nested() -> APIRouter:
    outer = APIRouter(prefix="/shelves")
    outer.include_router(plain())
    return outer


def streaming() -> APIRouter:
    router = APIRouter()

    @router.get("/numbers")
    async def count() -> AsyncIterable[int]:
        yield 1
        yield 2

    return router


def limiting() -> APIRouter:
    router = APIRouter(form_limits={"max_fields": 1})

    @router.get("/limited")
    async def read() -> int:
        return 1

    return router


def showing() -> APIRouter:
    router = APIRouter()
    router.frontend("/pages", directory=Path(__file__).parent)
    return router


def mounting() -> APIRouter:
    return APIRouter(routes=[Mount("/mounted", app=PlainTextResponse("1"))])


PATHS = ["/v9/books/1", "/v9/shelves/books/1", "/v9/numbers", "/v9/limited"]
ROUTERS = [plain, nested, streaming, limiting, mounting]


async def ask(app: FastAPI, path: str) -> tuple[int, str]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://t") as client:
        response = await client.get(path)
    return response.status_code, response.text


@pytest.mark.parametrize("make", ROUTERS)
async def test_included_router_responds_and_is_documented_like_fastapis(
    make: Callable[[], APIRouter],
) -> None:
    expected, actual = NestedApi(), Api()
    router = make()
    for app in (expected, actual):
        app.include_router(router, prefix="/v9", tags=["library"])

    for path in (*PATHS, "/v9/mounted", "/nowhere"):
        assert await ask(actual, path) == await ask(expected, path)
    assert actual.openapi() == expected.openapi()


async def test_dependency_of_an_included_router_can_be_overridden() -> None:
    app = Api()
    app.include_router(plain())
    app.dependency_overrides[reject] = lambda: None

    assert await ask(app, "/books/1") == (200, "[1]")


@pytest.mark.parametrize(
    ("make", "is_flat"),
    [(plain, True), (streaming, True), (nested, False), (limiting, False)],
)
def test_routes_of_plain_routers_are_in_the_application(
    make: Callable[[], APIRouter], is_flat: bool
) -> None:
    app = Api()
    app.include_router(make())

    assert hasattr(app.routes[-1], "endpoint") is is_flat


# Starlette looks up files with blocking calls.
@pytest.mark.blocks
async def test_router_that_holds_only_a_frontend_is_kept() -> None:
    app = Api()
    app.include_router(showing())

    status, text = await ask(app, "/pages/test_routes.py")

    assert (status, text) == (200, Path(__file__).read_text(encoding="utf-8"))
