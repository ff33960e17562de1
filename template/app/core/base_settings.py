"""Base class of setting groups, and the parser of list variables."""

import json

from pydantic import BaseModel, ConfigDict


class SettingsGroup(BaseModel):
    """Base of a setting group. Its fields are read from variables `GROUP_FIELD`."""

    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    def production_errors(self) -> list[str]:
        """Return a line for each variable that production does not accept."""
        return []


def split_list(value: object) -> object:
    """Split a text such as `a, b`, or parse it if it is a JSON list."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]
