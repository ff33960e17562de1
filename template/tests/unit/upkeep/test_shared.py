from upkeep import shared

ANCHORS = ("# mine: names", "# mine: lines")
FRESH = """import a

names = [
    "one",
    # mine: names
]

# mine: lines
"""
GROWN = """import a
import b

names = [
    "one",
    # mine: names

    "two",
]

# mine: lines
print(b)
"""


def test_what_stands_below_the_anchors_deviates_from_nothing() -> None:
    assert not shared.deviates("x.py", GROWN, FRESH, ANCHORS)


def test_what_stands_above_the_anchors_deviates() -> None:
    assert shared.deviates("x.py", GROWN.replace('"one"', '"uno"'), FRESH, ANCHORS)
    assert shared.deviates("x.py", f"print(1)\n{GROWN}", FRESH, ANCHORS)


def test_an_anchor_that_is_gone_deviates_and_is_not_healed() -> None:
    text = GROWN.replace("# mine: lines", "")

    assert shared.deviates("x.py", text, FRESH, ANCHORS)
    assert shared.healed("x.py", text, FRESH, ANCHORS) is None


def test_healing_keeps_what_stands_below_the_anchors() -> None:
    spoiled = GROWN.replace('"one"', '"uno"').replace("import a\n", "")

    assert shared.healed("x.py", spoiled, FRESH, ANCHORS) == (
        GROWN.replace("import a\nimport b", "import b\nimport a")
    )


def test_the_version_of_the_project_is_its_own() -> None:
    fresh = 'version = "0.1.0"\nname = "x"\n# mine: lines\n'
    text = fresh.replace("0.1.0", "7.0.0")
    spoiled = text.replace('"x"', '"y"')

    assert not shared.deviates("pyproject.toml", text, fresh, ANCHORS[1:])
    assert shared.healed("pyproject.toml", spoiled, fresh, ANCHORS[1:]) == text
