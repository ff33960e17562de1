"""Dependencies of all routes.

Dependencies are async: FastAPI runs a sync one in a thread, which costs more.
"""

from functools import lru_cache

from fastapi import Request
from fastapi.requests import HTTPConnection

from app.core.limits import network_of
from app.core.logging import get_logger
from app.db import Database

log = get_logger(__name__)


def get_database(connection: HTTPConnection) -> Database:
    """Return the database of the application, for a request or a WebSocket."""
    database: Database = connection.app.state.database
    return database


async def get_client_network(request: Request) -> str:
    """Return the network of the client, whose requests are counted.

    A Unix socket has none. Only a proxy on this machine can connect there, and it adds
    the address to the end of `X-Forwarded-For`.
    """
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    if not request.client:
        return network_of(forwarded.rpartition(",")[2].strip() or "unknown")
    if forwarded and request.client.host not in forwarded:
        warn_untrusted_proxy(request.client.host)
    return network_of(request.client.host)


@lru_cache(maxsize=16)
def warn_untrusted_proxy(address: str) -> None:
    """Log, once for each address, that the header of a proxy is ignored."""
    log.warning("untrusted_proxy", address=address, setting="FORWARDED_ALLOW_IPS")
