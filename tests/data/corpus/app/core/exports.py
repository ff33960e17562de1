"""Export files, written outside the event loop."""

import asyncio
import os.path
from pathlib import Path

TASKS: set[asyncio.Task[None]] = set()


async def get(folder: Path, name: str) -> str:
    """Read an export in a thread."""
    return await asyncio.to_thread((folder / os.path.basename(name)).read_text)


async def write(folder: Path, name: str, rows: list[str]) -> None:
    """Write an export in a thread."""

    def work() -> None:
        with open(folder / name, "x", encoding="utf-8") as file:
            file.writelines(rows)

    await asyncio.sleep(0)
    await asyncio.to_thread(work)


async def begin(folder: Path, name: str) -> str:
    """Write an export in a task, to which `TASKS` keeps a reference."""
    task = asyncio.create_task(write(folder, name, ["id\n"]))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)
    return await get(folder, name)
