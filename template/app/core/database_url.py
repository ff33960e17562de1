"""URLs of databases: `read_url` parses one, `sqlite_url` checks that of a file."""

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SQLITE_DRIVER = "sqlite+aiosqlite"
# A database in memory ends with its connection, and no other connection sees it.
IN_MEMORY = (None, "", ":memory:")


def read_url(text: str) -> URL | None:
    """Parse a URL. Return None if it, its host or its port is not valid.

    A second @ or a space belongs to a secret that is not percent-encoded, of which the
    parser takes a part for the host or a parameter.
    """
    is_file = text.startswith("sqlite")
    if not is_file and (text.count("@") > 1 or set(text) & set(" \t\r\n<>")):
        return None
    try:
        url = make_url(text)
        (url.host or "").encode("idna")
    except (ArgumentError, ValueError):
        return None
    return url if url.port is None or 0 < url.port < 65536 else None


def sqlite_url(url: URL | None) -> URL:
    """Return the URL of a file with the driver of the service. Raises ValueError.

    SQLite takes no parameters but those of a `file:` URI.
    """
    is_file = url is not None and url.drivername in ("sqlite", SQLITE_DRIVER)
    if url is None or not is_file or url.host or url.database in IN_MEMORY:
        raise ValueError("name a file, as in sqlite+aiosqlite:///./app.db")
    if url.query and "uri" not in url.query:
        raise ValueError("a file has no parameters: remove all from the question mark")
    return url.set(drivername=SQLITE_DRIVER)
