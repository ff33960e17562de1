"""What a group of settings is."""

import json

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Settings that belong together: a variable is GROUP_FIELD."""

    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    def objections(self) -> list[str]:
        """Say what production can not accept, each line naming its variable."""
        return []


def as_list(value: object) -> object:
    """Read `a,b` as a list of two, and JSON as what it says."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]
