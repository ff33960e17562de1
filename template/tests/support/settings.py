"""The environment variables that the settings read, to compare them with files."""

import re
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.core.config import Settings

# The server reads this variable itself.
SERVER_VARIABLES = {"WEB_CONCURRENCY": "1"}
CONFIG = Path(__file__).parents[2] / "app" / "core" / "config.py"
MARKER = re.compile(r"Your own (?:settings|variables) below this line")
DECLARATION = re.compile(r"^    ([a-z]\w*):", re.MULTILINE)
ASSIGNMENT = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def default_variables() -> dict[str, str]:
    """Return each variable with its default, without your own settings."""
    found: dict[str, FieldInfo] = {}
    own = {*DECLARATION.findall(split_at_marker(CONFIG)[1])}
    for name, field in Settings.model_fields.items():
        if name in own:
            continue
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            for part, inner in group.model_fields.items():
                found[f"{name}_{inner.alias or part}".upper()] = inner
        else:
            found[name.upper()] = field
    defaults = {name: as_text(field.get_default()) for name, field in found.items()}
    return defaults | SERVER_VARIABLES


def as_text(default: object) -> str:
    """Format a default as in an .env file."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default in (None, (), PydanticUndefined) else str(default)


def read_variables(file: Path) -> dict[str, str]:
    """Read the variables of an .env file, those that are commented out included."""
    return dict(ASSIGNMENT.findall(split_at_marker(file)[0]))


def split_at_marker(file: Path) -> tuple[str, str]:
    """Split a file at the marker comment: lines of the template, lines of yours."""
    above, *below = MARKER.split(file.read_text(encoding="utf-8"), maxsplit=1)
    return above, "".join(below)
