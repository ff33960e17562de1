"""Edits of the example resource, and deletions in it."""

from tests.support.edits.edit import Edit, deleted, instead

EDITS = [
    Edit("tests/integration/api/test_item.py", deleted),
    Edit(
        "app/services/items.py",
        instead(
            '"""Two items can not share a name."""',
            '"""Two items of one shop can not share a name."""',
        ),
    ),
]
