"""URLs of databases: `read_url` parses one, `sqlite_url` checks that of a file."""

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.base_settings import unquote

SQLITE_DRIVER = "sqlite+aiosqlite"
# A database in memory ends with its connection, and no other connection sees it.
IN_MEMORY = (None, "", ":memory:")


def read_url(text: str) -> URL | None:
    """Parse a URL; return None if it is not valid, or if its host is not.

    A host with a character such as @ or a space is the rest of a password in which
    that character is not percent-encoded.
    """
    try:
        url = make_url(unquote(text))
        host = (url.host or "").encode("idna").decode()
    except (ArgumentError, ValueError):
        return None
    is_port = url.port is None or 0 < url.port < 65536
    return None if set(host) & set("@ \t\n<>\"'\\") or not is_port else url


def sqlite_url(url: URL | None) -> URL:
    """Return the URL of a file with the driver of the service. Raises ValueError.

    SQLite takes no parameters but those of a `file:` URI.
    """
    is_file = url is not None and url.drivername in ("sqlite", SQLITE_DRIVER)
    if url is None or not is_file or url.host or url.database in IN_MEMORY:
        raise ValueError("name a file, as in sqlite+aiosqlite:////data/app.db")
    if url.query and "uri" not in url.query:
        raise ValueError("a file has no parameters: remove all from the question mark")
    return url.set(drivername=SQLITE_DRIVER)
