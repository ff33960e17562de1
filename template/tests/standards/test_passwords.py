"""What is kept of a password."""

import re
from typing import Any

from sqlalchemy import TypeDecorator
from sqlalchemy.types import TypeEngine

from app.models import Base

PASSWORD = re.compile(r"passw(or)?d|pass_?(phrase|code)|pwd", re.I)
KEPT = re.compile(r"(^|_)(hash|hashed|digest)(_|$)", re.I)


def kept_as(kind: TypeEngine[Any]) -> type[Any]:
    """Say what a column holds, below the type that somebody wrote around it."""
    return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type


def test_no_column_holds_a_plain_password() -> None:
    plain = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if PASSWORD.search(column.name) and not KEPT.search(column.name)
        # A password is a text; when it was changed, and whether it must be, is none.
        and kept_as(column.type) in (str, bytes)
    ]

    assert not plain, f"SEC-06: {plain} may hold plain text"
