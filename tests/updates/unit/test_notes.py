"""The notes of the releases."""

import pytest

from upkeep import notes

TEXT = """# Changelog

## Unreleased

### Before you deploy

- later

## 0.3.0 (2026-11-22)

### What is new

- much

### Before you deploy

- third

## 0.2.0

### Before you deploy

- second

## 0.1.0

- first
"""


@pytest.mark.parametrize(
    ("old", "new", "titles"),
    [
        ("v0.1.0", "v0.3.0", ["0.2.0", "0.3.0 (2026-11-22)"]),
        ("v0.2.0", "v0.3.0", ["0.3.0 (2026-11-22)"]),
        ("v0.3.0", "v0.3.0", []),
        ("v0.3.0", "v0.3.0-2-g1234567", ["Unreleased"]),
        ("v0.2.0-2-g1234567", "v0.3.0", ["0.3.0 (2026-11-22)"]),
        ("v0.3.0", "1234567", ["Unreleased"]),
    ],
)
def test_notes_of_all_releases_in_between_are_returned(
    old: str, new: str, titles: list[str]
) -> None:
    assert list(notes.between(old, new, TEXT)) == titles


def test_only_steps_before_deploying_are_returned() -> None:
    assert notes.before_deploying("v0.1.0", "v0.3.0", TEXT) == {
        "0.2.0": "- second",
        "0.3.0 (2026-11-22)": "- third",
    }
