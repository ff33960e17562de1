"""Request and response bodies of orders."""

import os
import subprocess  # nosec B404
import sys

import pytest

from app.schemas.order import OrderCreate

NEW = OrderCreate(reference="A-1", email="ada@example.com", lines=["lamp"])


class CountingClock:
    """A clock that counts its calls."""

    calls: int = 0

    def __call__(self) -> None:
        self.calls += 1


@pytest.mark.parametrize("lines", [["lamp"], ["lamp", "bulb"]])
def test_lines_keep_their_order(lines: list[str]) -> None:
    assert NEW.model_copy(update={"lines": lines}).lines == lines


def test_clock_is_not_called_for_a_copy() -> None:
    clock = CountingClock()

    assert (NEW.model_copy(), clock.calls) == (NEW, 0)


@pytest.mark.blocks
def test_import_needs_no_settings() -> None:
    bare = {name: value for name, value in os.environ.items() if name != "LOG_LEVEL"}
    command = [sys.executable, "-c", "import app.services.orders"]

    assert subprocess.run(command, env=bare).returncode == 0  # nosec B603
