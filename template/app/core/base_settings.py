"""Base class of setting groups, and parsers of the values of variables."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class SettingsGroup(BaseModel):
    """Base of a setting group. Its fields are read from variables `GROUP_FIELD`."""

    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def unquote_values(cls, data: Any) -> Any:
        """Remove quotes and white space around the values of variables."""
        if not isinstance(data, dict):
            return data
        return {name: unquote(value) for name, value in data.items()}

    def production_errors(self) -> list[str]:
        """Return a line for each variable that production does not accept."""
        return []


def unquote(value: Any) -> Any:
    """Remove white space and quotes around a text.

    `docker run --env-file` passes quotes on, and a secret in a file ends with a line.
    """
    if not isinstance(value, str):
        return value
    value = value.strip()
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1].strip() if is_quoted else value


def split_list(value: object) -> object:
    """Split a text such as `a, b`, or parse it if it is a JSON list."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]
