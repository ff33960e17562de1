"""`IdempotentRoute`: POST routes that run a request with an `Idempotency-Key` once.

The semantics are those of draft-ietf-httpapi-idempotency-key-header.
"""

import re
from collections.abc import Callable, Coroutine, Sequence
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response, params
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.rate_limit import caller_of
from app.db import Database
from app.services.idempotency import IdempotencyService, StoredResponse

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = r'^"?([!#-~]{1,255})"?$'


async def document_key(
    key: Annotated[
        str | None,
        Header(alias=HEADER, pattern=KEY, description="The same for each retry"),
    ] = None,
) -> None:
    """Add the header to the OpenAPI schema; the route has read it before."""


RUN_ONCE = Depends(document_key)


class IdempotentRoute(APIRoute):
    """Runs a POST with an `Idempotency-Key` once: `APIRouter(route_class=…)`."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        **options: Any,
    ) -> None:
        self.runs_once = "POST" in (methods or ())
        if self.runs_once:
            others = [one for one in dependencies or () if one is not RUN_ONCE]
            dependencies = [*others, RUN_ONCE]
            responses = problem_responses(400, 409, 422) | (responses or {})
        super().__init__(
            path,
            endpoint,
            methods=methods,
            dependencies=dependencies,
            responses=responses,
            **options,
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route."""
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            keys = request.headers.getlist(HEADER)
            if not keys or not self.runs_once:
                return await handle(request)
            service: IdempotencyService = request.app.state.idempotency

            async def work(database: Database) -> StoredResponse:
                request.state.database = database
                return to_store(await handle(request))

            key = await digest_of(request, keys)
            fingerprint = await fingerprint_of(request)
            found = await service.run(get_database(request), key, fingerprint, work)
            return to_send(found)

        return handle_once


async def digest_of(request: Request, keys: list[str]) -> str:
    """Return the digest of a key and its caller. Raises HTTPException (400)."""
    match = re.match(KEY, keys[0])
    if match is None or len(keys) > 1:
        raise HTTPException(400, f"{HEADER} is one text of 1 to 255 visible characters")
    caller = await caller_of(request)
    return sha256(f"{caller}\n{match[1]}".encode()).hexdigest()


async def fingerprint_of(request: Request) -> str:
    """Return the digest of what the request asks for."""
    target = f"{request.method} {request.url.path}?{request.url.query}\n"
    return sha256(target.encode() + await request.body()).hexdigest()


def to_store(response: Response) -> StoredResponse:
    """Return what is stored of a response. Raises TypeError for a stream."""
    if not isinstance(getattr(response, "body", None), bytes):
        raise TypeError("an idempotent route can not stream its response")
    headers = [(str(n, "latin-1"), str(v, "latin-1")) for n, v in response.raw_headers]
    return StoredResponse(response.status_code, headers, bytes(response.body))


def to_send(stored: StoredResponse) -> Response:
    """Return the response, with a header if it is a replay."""
    response = Response(stored.body, stored.status)
    response.raw_headers = [
        (n.encode("latin-1"), v.encode("latin-1")) for n, v in stored.headers
    ]
    if stored.replayed:
        response.headers[REPLAYED] = "true"
    return response
