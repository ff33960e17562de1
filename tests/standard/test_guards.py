"""The tests of a generated project find faults that only running code shows."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import Completed
from tests.support.fixture_types import Run

SERVICE = "app/services/items.py"
READING = "        row = await self.db.fetchrow(ITEM_BY_ID, item_id=item_id)\n"
ONE = "tests/integration/api/test_item.py"
MANY = "tests/integration/api/test_items.py"
CREATING = (
    '        item = new_row(Item, data.model_dump(exclude={"tags"}), self.clock())\n'
)
STORED = (
    "tests/integration/api/test_sequences.py"
    "::test_every_field_of_a_created_item_is_stored"
)
READ = f"{ONE}::test_created_item_can_be_read"


@dataclass(frozen=True)
class Slip:
    """A faulty line, the test that runs it, and the expected message."""

    name: str
    old: str
    new: str
    test: str
    finding: str


def before(line: str, *imports: str) -> str:
    """Return the query of one item with a line above it."""
    needed = [f"import {name}" for name in imports]
    return "".join(f"        {text}\n" for text in [*needed, line]) + READING


SLIPS = [
    Slip(
        "a blocking call",
        READING,
        before("time.sleep(0.001)", "time"),
        READ,
        "Blocking call to time.sleep",
    ),
    Slip(
        "a lazy load",
        "                item = await session.scalar(item_for_update(item_id))\n",
        "                item = await session.get(Item, item_id)\n",
        f"{ONE}::test_update_changes_only_the_given_fields",
        "'Item.tag_rows' is not available due to lazy='raise'",
    ),
    Slip(
        "a query for each row",
        "        return ItemPage.model_validate(page)\n",
        "        for row in page['items']:\n"
        "            await self.db.fetchrow(ITEM_BY_ID, item_id=row['id'])\n"
        "        return ItemPage.model_validate(page)\n",
        f"{MANY}::test_list_needs_the_same_number_of_statements_for_many_items",
        "N+1 queries",
    ),
    Slip(
        "a call to another machine",
        READING,
        before("await asyncio.open_connection('192.0.2.1', 80)", "asyncio"),
        READ,
        "SocketConnectBlockedError",
    ),
    Slip(
        "a warning",
        READING,
        before("warnings.warn('this grows old', stacklevel=1)", "warnings"),
        READ,
        "UserWarning: this grows old",
    ),
    Slip(
        "a parameter that only SQLite ignores",
        READING,
        READING.replace("item_id=item_id", "item_id=item_id, key=item_id"),
        READ,
        "app.models.item.ITEM_BY_ID: unknown parameters ['key']",
    ),
    Slip(
        "a field of the request that is not stored",
        CREATING,
        CREATING.replace('exclude={"tags"}', 'exclude={"tags", "description"}'),
        STORED,
        "test_every_field_of_a_created_item_is_stored",
    ),
]


def outcome(run: Run, mutable_project: Path, *tests: str) -> Completed:
    """Run tests of the project."""
    return run([mutable_project / ".venv/bin/pytest", "-q", *tests], mutable_project)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_guard_finds_a_planted_fault(
    slip: Slip, mutable_project: Path, run: Run
) -> None:
    place = mutable_project / SERVICE
    sound = place.read_text(encoding="utf-8")
    assert sound.count(slip.old) == 1
    place.write_text(sound.replace(slip.old, slip.new), encoding="utf-8")
    slipped = outcome(run, mutable_project, slip.test)
    place.write_text(sound, encoding="utf-8")

    assert slipped.returncode == 1
    assert slip.finding in slipped.stdout


def test_guards_pass_without_a_fault(mutable_project: Path, run: Run) -> None:
    everything = {slip.test for slip in SLIPS}

    assert outcome(run, mutable_project, *everything).returncode == 0
