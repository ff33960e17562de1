"""Base class of setting groups, and parsers of the values of variables."""

import json
from collections.abc import Collection, Mapping

from pydantic import BaseModel, ConfigDict


class SettingsGroup(BaseModel):
    """Base of a setting group. Its fields are read from variables `GROUP_FIELD`."""

    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    def production_errors(self) -> list[str]:
        """Return a line for each variable that production does not accept."""
        return []


def clean_variables(
    variables: Mapping[str, str | None], groups: Collection[str]
) -> dict[str, str]:
    """Return the variables that have a value, without quotes around it.

    Programs that read an `.env` file may keep its quotes. A variable with the name of a
    group, such as LOG, is of another program, unless its value is a JSON object.
    """
    values = {name: unquote(value or "") for name, value in variables.items()}
    return {
        name: value
        for name, value in values.items()
        if value and (name not in groups or value.startswith("{"))
    }


def unquote(value: str) -> str:
    """Remove white space, and a pair of quotes, around a value."""
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
