"""What is kept of a password."""

import re

from app.models import Base

PASSWORD = re.compile(r"passw(or)?d|pass_?(phrase|code)|pwd", re.I)
KEPT = re.compile(r"(^|_)(hash|hashed|digest)(_|$)", re.I)


def test_no_column_holds_a_plain_password() -> None:
    plain = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if PASSWORD.search(column.name) and not KEPT.search(column.name)
        # A password is a text; when it was changed, and whether it must be, is none.
        and column.type.python_type in (str, bytes)
    ]

    assert not plain, f"SEC-06: {plain} may hold plain text"
