"""Which variables the service reads, asked of the settings themselves."""

import re
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.core.config import Settings

# The server reads these itself, before there are settings.
OF_THE_SERVER = {"FORWARDED_ALLOW_IPS": "127.0.0.1", "WEB_CONCURRENCY": "1"}
ASSIGNED = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def variables() -> dict[str, str]:
    """Give the default of every variable, as it is written."""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            for part, inner in group.model_fields.items():
                found[f"{name}_{part}".upper()] = inner
        else:
            found[name.upper()] = field
    defaults = {name: written(field.get_default()) for name, field in found.items()}
    return defaults | OF_THE_SERVER


def written(default: object) -> str:
    """Write a default as a file of variables has it."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default in (None, (), PydanticUndefined) else str(default)


def assigned(file: Path) -> dict[str, str]:
    """Read a file of variables; one that is commented out is there, too."""
    return dict(ASSIGNED.findall(file.read_text(encoding="utf-8")))
