"""Changes of one item."""

from tests.factories import make_item


def test_row_of_a_tag_that_stays_is_kept() -> None:
    item = make_item()
    item.tags = ["old", "warm"]
    _, warm = item.tag_rows

    item.tags = ["new", "warm"]

    assert warm in item.tag_rows
