"""Routes that stand by themselves are the routes that they were."""

import asyncio
from collections.abc import AsyncIterable, Callable
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from app.api.openapi import Api


async def refuse() -> None:
    """Let nobody in."""
    raise HTTPException(403)


def nested() -> APIRouter:
    """Make a router in a router, each of which adds something."""
    inner = APIRouter(prefix="/books", tags=["books"], responses={404: {}})
    outer = APIRouter(prefix="/shelves/{shelf}", dependencies=[Depends(refuse)])

    @inner.get("/{book}", summary="Read it", deprecated=True)
    async def read(shelf: int, book: int) -> list[int]:
        return [shelf, book]

    outer.include_router(inner)
    return outer


async def ask(app: FastAPI, path: str) -> tuple[int, str]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://t") as client:
        answer = await client.get(path)
    return answer.status_code, answer.text


def test_a_route_keeps_what_its_routers_added() -> None:
    plain, ours = FastAPI(), Api()

    for app in (plain, ours):
        app.include_router(nested(), prefix="/v1", tags=["library"])

    path = "/v1/shelves/{shelf}/books/{book}"
    assert ours.openapi()["paths"][path] == plain.openapi()["paths"][path]
    assert ours.url_path_for("read", shelf=1, book=2) == "/v1/shelves/1/books/2"
    assert [getattr(route, "path", "") for route in ours.routes][-1] == path


async def test_what_a_router_asks_for_is_still_asked() -> None:
    app = Api()
    app.include_router(nested())

    assert (await ask(app, "/shelves/1/books/2"))[0] == 403


async def test_a_dependency_can_still_be_replaced() -> None:
    app = Api()
    app.include_router(nested())
    app.dependency_overrides[refuse] = lambda: None

    assert await ask(app, "/shelves/1/books/2") == (200, "[1,2]")


async def one() -> int:
    return 1


def mounting() -> APIRouter:
    return APIRouter(routes=[Mount("/there", app=PlainTextResponse("1"))])


def limiting() -> APIRouter:
    router, inner = APIRouter(), APIRouter(form_limits={"max_fields": 1})
    inner.get("/there")(one)
    router.include_router(inner)
    return router


def showing() -> APIRouter:
    router = APIRouter()
    router.get("/there")(one)
    router.frontend("/pages", directory=Path(__file__).parent)
    return router


async def test_a_stream_is_still_one() -> None:
    async def count() -> AsyncIterable[int]:
        yield 1
        yield 2

    app, router = Api(), APIRouter()
    router.get("/numbers")(count)
    app.include_router(router)

    assert await ask(app, "/numbers") == (200, "1\n2\n")


@pytest.mark.parametrize("make", [mounting, limiting, showing])
def test_a_router_with_more_than_routes_stays_whole(
    make: Callable[[], APIRouter],
) -> None:
    plain, ours = FastAPI(), Api()
    before = len(ours.routes)

    router = make()
    for app in (plain, ours):
        app.include_router(router)

    assert asyncio.run(ask(ours, "/there")) == asyncio.run(ask(plain, "/there"))
    assert len(ours.routes) == before + 1
    assert not hasattr(ours.routes[-1], "endpoint")
