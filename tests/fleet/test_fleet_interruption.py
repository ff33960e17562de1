"""A run of the fleet that is killed leaves no process, and the next one goes on."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from extensions.fleet import guard
from extensions.fleet.session import session
from extensions.questions import ROOT
from extensions.refusals import RefusalError
from tests.support.fleet import Fleet

# Starts a process in a session of its own, as servers do, and waits.
GATES = "(setsid sleep 600 &); echo $FLEET_RUN >> {}; sleep 600"
# Seconds, on a machine that does much else.
PATIENCE = 300


def started(fleet: Fleet, begun: Path) -> subprocess.Popen[str]:
    """Start a run, and wait until the gates of two projects run."""
    command = fleet.command(f"--gates={GATES.format(begun)}", "--jobs=2")
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    last = time.monotonic() + PATIENCE
    while not begun.exists() or len(begun.read_text("utf-8").split()) < 2:
        if time.monotonic() > last or process.poll() is not None:
            process.kill()
            pytest.fail("the gates did not begin")
        time.sleep(0.1)
    return process


def living(run: str) -> list[int]:
    """Return the processes of a run that are left after some seconds."""
    last = time.monotonic() + 5
    while found := guard.processes(f"{guard.VARIABLE}={run}"):
        if time.monotonic() > last:
            break
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.nightly),
        pytest.param(signal.SIGINT, marks=pytest.mark.nightly),
    ],
)
def test_interrupted_run_leaves_no_process_and_the_next_run_goes_on(
    number: signal.Signals, fleet: Fleet, tmp_path: Path
) -> None:
    fleet.add("shop", "mail")
    process = started(fleet, tmp_path / "begun")
    run = (tmp_path / "begun").read_text(encoding="utf-8").split()[0]
    assert guard.processes(f"{guard.VARIABLE}={run}")
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)

    assert not living(run)
    page = fleet.page.read_text(encoding="utf-8")
    killed = number == signal.SIGKILL
    assert ("under way when" if killed else "<b>interrupted</b>") in page
    assert "gates: pass" not in page

    assert fleet.run().returncode == 0
    assert {one["state"] for one in fleet.results().values()} == {"updated"}
    assert {one["gates"] for one in fleet.results().values()} == {"pass"}


def test_visit_that_has_not_ended_counts_for_nothing(fleet: Fleet) -> None:
    fleet.add("shop", new=True)
    fleet.run()
    [file] = fleet.work.glob("shop-*/result.json")
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(kept | {"state": "begun"}), encoding="utf-8")
    fleet.run()

    assert fleet.results()["shop"]["now"]


def test_second_run_in_a_work_folder_is_refused_in_one_line(fleet: Fleet) -> None:
    fleet.add("shop", new=True)
    with session(fleet.work):
        second = fleet.run()

    assert second.returncode == 1
    assert "is in use by process" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert fleet.run().returncode == 0


def test_children_of_a_run_are_found_without_proc() -> None:
    with subprocess.Popen(["bash", "-c", "sleep 600; true"]) as shell:
        last = time.monotonic() + PATIENCE
        while not (found := guard.children(shell.pid)) and time.monotonic() < last:
            time.sleep(0.05)
        assert found and found[0] in guard.children(os.getpid())
        for process in [*found, shell.pid]:
            os.kill(process, signal.SIGKILL)


def test_lock_ends_with_its_run(tmp_path: Path) -> None:
    with pytest.raises(RefusalError), session(tmp_path):
        raise RefusalError("planted")
    with session(tmp_path):
        pass
