"""The current time. Services take a `Clock` as an argument, so that tests set it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time as an aware datetime in UTC."""
    return datetime.now(UTC)


def to_utc(time: datetime) -> datetime:
    """Return a time in UTC. Raises ValueError outside the years 1 to 9999."""
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Time is outside the years 1 to 9999 of UTC") from error


UtcTime = Annotated[AwareDatetime, AfterValidator(to_utc)]
