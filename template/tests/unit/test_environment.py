"""The documentation of the settings."""

from pathlib import Path

from tests.support.settings import default_variables, read_variables

ROOT = Path(__file__).parents[2]


def test_env_example_lists_every_variable_with_its_default() -> None:
    assert read_variables(ROOT / ".env.example") == default_variables()
