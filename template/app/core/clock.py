"""The current time. Services take a `Clock` as an argument, so that tests set it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time as an aware datetime in UTC."""
    return datetime.now(UTC)


def check_form(value: Any) -> Any:
    """Raise ValueError for what is no RFC 3339 time, such as a number of seconds."""
    if not re.match(r"\d{4}-", f"{value}"):
        raise ValueError("Write a date as 2026-01-31, a time as 2026-01-31T12:00:00Z")
    return value


def to_utc(time: datetime) -> datetime:
    """Return a time in UTC. Raises ValueError outside the years 1 to 9999."""
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Time is outside the years 1 to 9999 of UTC") from error


# A date in a request.
Day = Annotated[date, BeforeValidator(check_form)]
# A time in a request: with a time zone, and in UTC afterwards.
UtcTime = Annotated[AwareDatetime, BeforeValidator(check_form), AfterValidator(to_utc)]
