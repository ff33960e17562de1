"""Cursors: opaque texts for positions in a sorted list."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import blake2s
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, TypeAdapter

from app.core.clock import UtcTime
from app.core.errors import InvalidCursorError

CHECKSUM_SIZE = 6
VALUES: TypeAdapter[list[Any]] = TypeAdapter(list[Any])
INVALID = "The cursor is not of this list and sort: begin without one."


def encode_cursor(scope: str, values: Sequence[object]) -> str:
    """Return a cursor for the row that has these values in the sorted columns.

    The scope names the list and its sort: the cursor is invalid for any other.
    """
    position = VALUES.dump_json([*values])
    text = urlsafe_b64encode(checksum(scope, position) + position)
    return text.decode().rstrip("=")


def decode_cursor(
    scope: str, cursor: str, columns: Sequence[sa.ColumnElement[Any]]
) -> list[Any]:
    """Return the values of the sorted columns. Raises InvalidCursorError."""
    try:
        data = b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        position = data[CHECKSUM_SIZE:]
        if data[:CHECKSUM_SIZE] != checksum(scope, position):
            raise ValueError("the checksum is wrong")
        values = zip(columns, VALUES.validate_json(position), strict=True)
        return [value_type(column).validate_python(value) for column, value in values]
    except ValueError as error:
        raise InvalidCursorError(INVALID) from error


def checksum(scope: str, position: bytes) -> bytes:
    """Return a checksum, which is wrong for an edited cursor or another scope."""
    data = scope.encode() + position
    return blake2s(data, digest_size=CHECKSUM_SIZE).digest()


@cache
def value_type(column: sa.ColumnElement[Any]) -> TypeAdapter[Any]:
    """Return a validator for the values that a column can be compared with.

    The checksum is no signature, so that a client can make a cursor with any value.
    """
    kind = column.type.python_type
    bits = 63 if isinstance(column.type, sa.BigInteger) else 31
    types: dict[type, Any] = {
        int: Annotated[int, Field(ge=-(2**bits), lt=2**bits)],
        str: Annotated[str, Field(pattern=r"^[^\x00]*$")],
        datetime: UtcTime,
        Decimal: Annotated[Decimal, Field(max_digits=100)],
    }
    return TypeAdapter(types.get(kind, kind))
