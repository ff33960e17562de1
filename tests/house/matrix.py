"""The sets of answers that every gate is held against."""

from typing import Any

from extensions.rendering import presets

# Everything that can be left out, left out.
NOTHING = presets()["minimal"]

CELLS: dict[str, dict[str, Any]] = {
    "default": {},
    "nothing": NOTHING,
    **{f"without {name}": {name: off} for name, off in NOTHING.items()},
    **{
        f"{alone} alone": {name: off for name, off in NOTHING.items() if name != alone}
        for alone in NOTHING
    },
}
