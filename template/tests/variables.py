"""Which variables the service reads, asked of the settings; yours are left to you."""

import re
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.core.config import Settings

# The server reads these itself, before there are settings.
OF_THE_SERVER = {"FORWARDED_ALLOW_IPS": "127.0.0.1", "WEB_CONCURRENCY": "1"}
CONFIG = Path(__file__).parents[1] / "app" / "core" / "config.py"
# What people declare stands below a line that says so.
YOURS = re.compile(r"Your own (?:settings|variables) below this line")
DECLARED = re.compile(r"^    ([a-z]\w*):", re.MULTILINE)
ASSIGNED = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def variables() -> dict[str, str]:
    """Give the default of every variable of the template, as it is written."""
    found: dict[str, FieldInfo] = {}
    yours = {*DECLARED.findall(halves(CONFIG)[1])}
    for name, field in Settings.model_fields.items():
        if name in yours:
            continue
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
    return dict(ASSIGNED.findall(halves(file)[0]))


def halves(file: Path) -> tuple[str, str]:
    """Part what the template says in a file from what stands below the line."""
    above, *below = YOURS.split(file.read_text(encoding="utf-8"), maxsplit=1)
    return above, "".join(below)
