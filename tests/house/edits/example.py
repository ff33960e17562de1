"""The example, changed and in part deleted."""

from tests.house.edits.edit import Edit, deleted, instead

EDITS = [
    Edit("tests/integration/api/test_item.py", deleted),
    Edit(
        "app/api/v1/items.py",
        instead('"""Remove an item."""', '"""Remove an item for good."""'),
    ),
]
