"""A live SQLite file is backed up and restored as docs/backup.md describes."""

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.service import ITEMS, Service
from tests.support.single_node import Node, create, many, rows, writer

NAMES = "SELECT name FROM items"


def commands(node: Node) -> list[str]:
    """Return the commands of docs/backup.md, for the file of the node."""
    page = (node.project / "docs" / "backup.md").read_text(encoding="utf-8")
    return re.findall(
        r"```sh\n(.*?)```", page.replace("/data/", f"{node.folder}/"), re.S
    )


def type_in(node: Node, command: str) -> str:
    """Run a command of the page in the environment of the project."""
    path = f"{node.programs}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", command],
        cwd=node.project,
        env=node.variables() | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "rror" in done.stderr) == (0, False), done.stderr
    return done.stdout


@pytest.mark.parametrize("program", ["python", "sqlite3"])
def test_backup_of_live_file_is_consistent(
    busy_node: tuple[Node, Service], program: str
) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not on this machine")
    node, service = busy_node
    page = commands(node)
    back_up = next(one for one in page if one.startswith(program))
    before, meanwhile = many(20, f"before {program}"), many(20, f"while {program}")

    async def work() -> list[int]:
        async with writer(service) as client:
            first = await create(client, before)
            writing = asyncio.create_task(create(client, meanwhile))
            await asyncio.to_thread(type_in, node, back_up)
            return first + await writing

    assert asyncio.run(work()) == [201] * 40
    copied = {name for (name,) in rows(node.folder / "backup.db", NAMES)}
    assert {*before} <= copied
    assert type_in(node, page[2]).strip() in ("ok", "('ok',)")
    node.folder.joinpath("backup.db").unlink()


def test_backup_is_restored_as_documented(node: Node) -> None:
    back_up, _, look, restore = commands(node)

    async def work(service: Service) -> list[int]:
        async with writer(service) as client:
            before = await create(client, ["before"])
            type_in(node, back_up)
            return before + await create(client, ["after"])

    with node.serving() as service:
        assert asyncio.run(work(service)) == [201, 201]
        # The state after a crash: a write-ahead log of the old file.
        service.process.kill()
    type_in(node, restore)
    with node.serving() as service:
        found = service.get(ITEMS).json()["items"]

    assert "ok" in type_in(node, look)
    assert [item["name"] for item in found] == ["before"]


def test_copy_of_file_without_wal_loses_commits(
    busy_node: tuple[Node, Service],
) -> None:
    node, service = busy_node

    async def copy() -> Path:
        async with writer(service) as client:
            assert await create(client, ["lamp"]) == [201]
            return Path(shutil.copy(node.file, node.folder / "alone.db"))

    alone = asyncio.run(copy())

    assert ("lamp",) in node.rows(NAMES)
    assert ("lamp",) not in rows(alone, NAMES)
