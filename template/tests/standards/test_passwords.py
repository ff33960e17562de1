"""Rule about passwords: only hashes are stored."""

import re

from sqlalchemy import TypeDecorator

from app.models import Base

PASSWORD = re.compile(r"passw(or)?d|pass_?(phrase|code)|pwd", re.I)
HASH = re.compile(r"(^|_)(hash|hashed|digest)(_|$)", re.I)


def test_no_column_stores_a_plain_password() -> None:
    plain = []
    for column in (it for one in Base.metadata.tables.values() for it in one.columns):
        kind = column.type
        if isinstance(kind, TypeDecorator):
            kind = kind.impl_instance
        named = PASSWORD.search(column.name) and not HASH.search(column.name)
        # The date of a change, or a flag, is no password.
        if named and kind.python_type in (str, bytes):
            plain.append(str(column))

    assert not plain, f"SEC-06: {plain} may store plain text"
