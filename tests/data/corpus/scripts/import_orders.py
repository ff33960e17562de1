"""Imports orders from a file: python scripts/import_orders.py orders.jsonl."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from app.core.config import Settings
from app.db.factory import open_database
from app.schemas.order import OrderCreate
from app.services.orders import OrderService, ReferenceTakenError

DEFAULT_FILE = Path("orders.jsonl")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=DEFAULT_FILE)
    return parser.parse_args(arguments)


async def store(rows: list[dict[str, Any]]) -> int:
    """Store each row in a transaction of its own, and count the new ones."""
    database = open_database(Settings.read().database)
    orders = OrderService(database)
    stored = 0
    for row in rows:
        try:
            await orders.create(OrderCreate.model_validate(row))
        except ReferenceTakenError as error:
            print(f"skipped: {error}", file=sys.stderr)
        else:
            stored += 1
    await database.close()
    return stored


def main() -> None:
    """Run it."""
    options = parse(sys.argv[1:])
    lines = options.file.read_text(encoding="utf-8").splitlines()
    stored = asyncio.run(store([json.loads(line) for line in lines]))
    print(f"{stored} of {len(lines)} are new")


if __name__ == "__main__":
    main()
