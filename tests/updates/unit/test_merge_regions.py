"""Shared files, divided at their markers."""

import pytest

from upkeep import merge_regions

OVERLAY = "x/overlays/y/z.yaml"
FRESH = """import a

names = [
    "one",
    # -- Your own names below this line. --
]

# -- Your own lines below this line. --
"""
GROWN = """import a
import b

names = [
    "one",
    # -- Your own names below this line. --

    "two",
]

# -- Your own lines below this line. --
print(b)
"""


def test_lines_below_the_markers_are_no_deviation() -> None:
    assert not merge_regions.deviates("x.py", GROWN, FRESH)


def test_edit_above_the_markers_is_a_deviation() -> None:
    assert merge_regions.deviates("x.py", GROWN.replace('"one"', '"uno"'), FRESH)
    assert merge_regions.deviates("x.py", f"print(1)\n{GROWN}", FRESH)


def test_missing_marker_is_a_deviation_and_is_not_healed() -> None:
    text = GROWN.replace("# -- Your own lines below this line. --", "")

    assert merge_regions.deviates("x.py", text, FRESH)
    assert merge_regions.heal("x.py", text, FRESH) is None


def test_heal_keeps_the_lines_below_the_markers() -> None:
    spoiled = GROWN.replace('"one"', '"uno"').replace("import a\n", "")

    assert merge_regions.heal("x.py", spoiled, FRESH) == (
        GROWN.replace("import a\nimport b", "import b\nimport a")
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pyproject.toml", 'version = "0.1.0"'),
        (OVERLAY, '    newTag: "0.1.0"'),
        (OVERLAY, "    newName: 0.1.0/x"),
        (OVERLAY, "      - {op: replace, path: /spec/tls/0/hosts/0, value: 0.1.0}"),
        (OVERLAY, "      - {op: replace, path: /spec/rules/0/host, value: 0.1.0}"),
    ],
)
def test_value_of_the_project_is_no_deviation(path: str, line: str) -> None:
    fresh = f"{line}\nname: x\n# -- Your own lines below this line. --\n"
    text = fresh.replace("0.1.0", "7.0.0")
    spoiled = text.replace("name: x", "name: y")

    assert not merge_regions.deviates(path, text, fresh)
    assert merge_regions.deviates(path, spoiled, fresh)
    assert merge_regions.heal(path, spoiled, fresh) == text


@pytest.mark.parametrize(
    ("path", "line"),
    [("app/main.py", "    newTag: 1"), (OVERLAY, "value: 1"), (OVERLAY, "a: host")],
)
def test_other_value_is_a_deviation(path: str, line: str) -> None:
    fresh = f"{line}\n# -- Your own lines below this line. --\n"

    assert merge_regions.deviates(
        path, f"{line}0\n# -- Your own lines below this line. --\n", fresh
    )
