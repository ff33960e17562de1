"""Keys of rows: UUIDs that sort by the time of creation."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return an RFC 9562 version 7 UUID: milliseconds, then 74 random bits.

    Python has its own from 3.14 on.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
