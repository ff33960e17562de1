"""The graceful shutdown, from SIGTERM to the end of the process."""

import asyncio
import signal

from app.core.config import ShutdownSettings
from app.core.drain import Drain

# Without validation, which requires a second or more.
NO_GRACE = ShutdownSettings.model_construct(drain_seconds=0, grace_seconds=0)


async def test_server_gets_sigterm_after_the_drain_and_requests_are_cancelled() -> None:
    drain, signalled = Drain(NO_GRACE), asyncio.Event()

    def end_server(*_: object) -> None:
        signalled.set()

    handler = signal.signal(signal.SIGTERM, end_server)
    request = asyncio.create_task(drain.track(asyncio.sleep(60)))
    try:
        with drain.on_sigterm():
            assert await drain.track(asyncio.sleep(0))
            signal.raise_signal(signal.SIGTERM)

            assert await asyncio.wait_for(request, 1) is False
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert drain.started
    assert signalled.is_set()
