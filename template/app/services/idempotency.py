"""Requests that run once: their responses are stored in the transaction of the write.

A key is inserted first. While its transaction is open, the same key waits, in every
process; if it rolls back, the key is free again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock, utc_now
from app.core.config import IdempotencySettings
from app.core.errors import ConflictError, KeyReusedError
from app.db import ConstraintViolationError, Database
from app.db.nested import NestedDatabase
from app.models.idempotency import (
    CLAIM_KEY,
    DELETE_EXPIRED_KEY,
    DELETE_EXPIRED_KEYS,
    STORE_RESPONSE,
    STORED_RESPONSE,
)

SWEEP_INTERVAL = timedelta(minutes=1)


class RequestRunningError(ConflictError):
    """The first request with this key has not ended."""

    code = "request_running"
    retry_after = 1


class KeyClaimedError(Exception):
    """Another process has stored a response since this one looked for it."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response of the service; `replayed` if an earlier request has caused it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    replayed: bool = False


type Work = Callable[[Database], Awaitable[StoredResponse]]


@dataclass(slots=True)
class IdempotencyService:
    """Runs each request once; one instance serves all requests of the process."""

    settings: IdempotencySettings
    clock: Clock = utc_now
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(
        default_factory=WeakValueDictionary[str, asyncio.Lock]
    )
    _swept_at: datetime | None = None

    async def run(
        self, db: Database, digest: str, fingerprint: str, work: Work
    ) -> StoredResponse:
        """Return the stored response of a key, or run the request and store its own.

        Args:
            db: The database.
            digest: Identifies the key and its caller.
            fingerprint: Identifies the request.
            work: Runs the request. All that it writes to the database that it is given
                is committed with the response; a status from 400 on rolls it back.

        Raises:
            KeyReusedError: The key was used for another request.
            RequestRunningError: The first request takes too long to wait for it.
        """
        lock = self._locks.setdefault(digest, asyncio.Lock())
        try:
            async with asyncio.timeout(self.settings.wait_seconds):
                await lock.acquire()
        except TimeoutError:
            raise running() from None
        try:
            return await self._run(db, digest, fingerprint, work)
        except KeyClaimedError:
            stored = await self._find(db, digest, fingerprint)
            if stored is None:
                raise running() from None
            return stored
        finally:
            lock.release()

    async def _run(
        self, db: Database, digest: str, fingerprint: str, work: Work
    ) -> StoredResponse:
        if stored := await self._find(db, digest, fingerprint):
            return stored
        await self._sweep(db)
        async with db.session() as session:
            await self._claim(session, digest, fingerprint)
            response = await work(NestedDatabase(await session.connection()))
            if response.status >= 400:
                await session.rollback()
                return response
            values = {
                "status": response.status,
                "headers": json.dumps(response.headers),
                "body": response.body,
            }
            await session.execute(STORE_RESPONSE.values(values), {"digest": digest})
        return response

    async def _find(
        self, db: Database, digest: str, fingerprint: str
    ) -> StoredResponse | None:
        row = await db.fetchrow(STORED_RESPONSE, digest=digest, now=self.clock())
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise KeyReusedError("This Idempotency-Key was used for another request.")
        headers = [(name, value) for name, value in json.loads(row["headers"])]
        return StoredResponse(row["status"], headers, row["body"], replayed=True)

    async def _claim(
        self, session: AsyncSession, digest: str, fingerprint: str
    ) -> None:
        """Insert the key. Waits while another process has inserted it."""
        now = self.clock()
        row = {
            "key": digest,
            "fingerprint": fingerprint,
            "status": 0,
            "headers": "[]",
            "body": b"",
            "expires_at": now + timedelta(hours=self.settings.hours),
        }
        try:
            async with asyncio.timeout(self.settings.wait_seconds):
                expired = {"digest": digest, "now": now}
                await session.execute(DELETE_EXPIRED_KEY, expired)
                await session.execute(CLAIM_KEY, row)
        except TimeoutError:
            raise running() from None
        except ConstraintViolationError:
            raise KeyClaimedError from None

    async def _sweep(self, db: Database) -> None:
        now = self.clock()
        if self._swept_at is None or now - self._swept_at >= SWEEP_INTERVAL:
            self._swept_at = now
            await db.fetch(DELETE_EXPIRED_KEYS, now=now)


def running() -> RequestRunningError:
    """Return the error for a key whose first request has not ended."""
    return RequestRunningError("A request with this Idempotency-Key is running.")
