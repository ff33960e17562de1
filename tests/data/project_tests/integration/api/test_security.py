"""Authentication of requests."""

import pytest
from fastapi import FastAPI, WebSocket
from httpx2 import AsyncClient
from starlette.types import Message, Scope

from app.api.security import CurrentUserId, OptionalCurrentUser
from app.core.clock import utc_now
from app.core.ids import uuid7


@pytest.fixture
def greeting(app: FastAPI) -> str:
    """The path of a route for users and for others."""

    @app.get("/greeting")
    async def greet(user_id: OptionalCurrentUser) -> str:
        return f"{user_id}"

    return "/greeting"


async def test_optional_user_is_none_without_a_token(
    greeting: str, app: FastAPI, client: AsyncClient
) -> None:
    user_id = uuid7()
    token = app.state.auth.signer.sign(user_id, utc_now())
    headers = {"Authorization": f"Bearer {token}"}

    assert (await client.get(greeting)).json() == "None"
    assert (await client.get(greeting, headers=headers)).json() == f"{user_id}"
    headers = {"Authorization": "Bearer not-a-token"}
    assert (await client.get(greeting, headers=headers)).status_code == 401


def test_optional_user_is_documented_as_optional(greeting: str, app: FastAPI) -> None:
    operation = app.openapi()["paths"][greeting]["get"]
    assert operation["security"] == [{"OAuth2PasswordBearer": []}, {}]


@pytest.mark.parametrize(("is_known", "status"), [(True, None), (False, 401)])
async def test_websocket_needs_an_access_token(
    is_known: bool, status: int | None, app: FastAPI
) -> None:
    @app.websocket("/follow")
    async def follow(websocket: WebSocket, user_id: CurrentUserId) -> None:
        await websocket.accept()
        await websocket.close(reason=f"{user_id}")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    user_id, sent = uuid7(), list[Message]()
    token = app.state.auth.signer.sign(user_id, utc_now()) if is_known else "x"
    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope: Scope = {"type": "websocket", "path": "/follow", "headers": headers}
    scope["extensions"], scope["query_string"] = {"websocket.http.response": {}}, b""
    await app(scope, receive, send)

    assert sent[0].get("status") == status
    assert (sent[-1].get("reason") == f"{user_id}") is is_known
