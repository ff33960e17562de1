"""Rule about passwords: only hashes are stored."""

import re

from sqlalchemy import TypeDecorator

from app.models import Base

PASSWORD = re.compile(r"passw(or)?d|pass_?(phrase|code)|pwd", re.I)
HASH = re.compile(r"(^|_)(hash|hashed|digest)(_|$)", re.I)


def test_no_column_stores_a_plain_password() -> None:
    plain = []
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if not PASSWORD.search(column.name) or HASH.search(column.name):
                continue
            kind = column.type
            if isinstance(kind, TypeDecorator):
                kind = kind.impl_instance
            # The date of a change, or a flag, is no password.
            if kind.python_type in (str, bytes):
                plain.append(str(column))

    assert not plain, f"SEC-06: {plain} may store plain text"
