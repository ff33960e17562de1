"""Run the update tools of the template: `make update` and `make drift`.

The tools are part of the template, not of this project. This file clones the release
that they belong to into a temporary folder, and runs its folder `upkeep/` here.
"""

import os
import re
import runpy
import signal
import subprocess  # nosec B404
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

ANSWERS = ".copier-answers.yml"
RELEASE = re.compile(r"refs/tags/(v?(\d+)\.(\d+)\.(\d+))$", re.MULTILINE)
# Copier's short forms of an address.
SHORT = {"git+": "", "gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
MOVED = f"If it has moved, write its new address into _src_path of {ANSWERS}, commit it"
TIMEOUT = 300


def main(command: str, *arguments: str) -> None:
    """Find the tools, and run a command of theirs."""
    os.chdir(Path(__file__).resolve().parent)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    never_ask()
    kept = kept_tools()
    if {"--resume", "--undo"} & {*arguments} and kept.exists():
        run(kept, command, arguments)
    url, own = address(answer("_src_path")), answer("_commit")
    with tempfile.TemporaryDirectory(prefix="upkeep-") as folder:
        release = own if command == "drift" else option("--to", arguments)
        clone(url, release, Path(folder, "template"))
        run(Path(folder, "template/upkeep"), command, arguments)


def never_ask() -> None:
    """Let git fail where it would ask for a password."""
    configured = git("config", "--get", "core.sshCommand").stdout.strip()
    ssh = os.environ.get("GIT_SSH_COMMAND") or configured or "ssh"
    batch = f"{ssh} -o BatchMode=yes -o ConnectTimeout=20"
    os.environ.update(GIT_TERMINAL_PROMPT="0", GIT_SSH_COMMAND=batch)


def kept_tools() -> Path:
    """Return where an update that has begun keeps its tools, inside the git folder."""
    prefix = git("rev-parse", "--show-prefix").stdout.strip() or "-"
    place = git("rev-parse", "--git-path", "upkeep").stdout.strip()
    return Path(place).resolve() / quote(prefix, "") / "tools/upkeep"


def answer(name: str) -> str:
    """Return a line of Copier's answers; the newer one of two in a conflict."""
    try:
        text = Path(ANSWERS).read_text(encoding="utf-8")
    except FileNotFoundError:
        fail(f"{ANSWERS} is missing. Take it back: git checkout HEAD -- {ANSWERS}")
    found: list[str] = re.findall(rf"^{name}: (.+(?:\n .+)*)", text, re.MULTILINE)
    if not found:
        fail(f"{ANSWERS} has no {name}. Take it back: git checkout HEAD -- {ANSWERS}")
    return " ".join(found[-1].split()).strip("\"'")


def address(source: str) -> str:
    """Return the template's address as git knows it."""
    for short, long in SHORT.items():
        if source.startswith(short):
            return long + source.removeprefix(short).lstrip("/" if long else "")
    place = Path(source).expanduser()
    if ":" not in source.split("/", 1)[0] and not place.is_absolute():
        fail(f"_src_path: {source} is relative, and stands for no fixed place. {MOVED}")
    return str(place) if place.is_absolute() else source


def option(name: str, arguments: tuple[str, ...]) -> str:
    """Return the value of an option, or nothing."""
    words = [word for one in arguments for word in one.split("=", 1)]
    return next((value for word, value in pairwise(words) if word == name), "")


def clone(url: str, release: str, place: Path) -> None:
    """Clone a release, or the newest one; its history only where it has no name."""
    listed = git("ls-remote", "--heads", "--tags", "--", url)
    if listed.returncode:
        fail(
            f"the template can not be reached at {url}: {reason(listed.stderr)} {MOVED}"
        )
    tags = {
        tuple(map(int, it.groups()[1:])): it[1]
        for it in RELEASE.finditer(listed.stdout)
    }
    chosen = release or (tags[max(tags)] if tags else "HEAD")
    named = re.search(rf"\trefs/(heads|tags)/{re.escape(chosen)}$", listed.stdout, re.M)
    shallow = ["--depth=1", f"--branch={chosen}"] if named else []
    cloned = git("clone", "--quiet", *shallow, "--", url, str(place))
    if cloned.returncode:
        fail(f"the template can not be cloned from {url}: {reason(cloned.stderr)}")
    if not named and git("-C", str(place), "checkout", "--quiet", chosen).returncode:
        fail(
            f"the template has no {chosen}: git ls-remote --tags {url} lists its releases"
        )
    if not (place / "upkeep/__main__.py").exists():
        fail(f"{chosen} has no tools for updates (the first is v0.5.0): ARGS='--to …'")


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git to its end, whatever its exit code."""
    command = ["git", *arguments]
    try:
        return subprocess.run(  # nosec B603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    except FileNotFoundError:
        fail("git is not on PATH: install it (https://git-scm.com/downloads)")
    except subprocess.TimeoutExpired:
        fail(f"git {arguments[0]} did not end within {TIMEOUT} s")


def reason(errors: str) -> str:
    """Return the line in which git names the reason."""
    lines = errors.strip().splitlines() or ["it failed."]
    return next((line for line in lines if "fatal:" in line), lines[-1])


def run(tools: Path, command: str, arguments: tuple[str, ...]) -> NoReturn:
    """Run the tools in this process: they end it with their exit code."""
    sys.argv = [str(tools), command, *arguments]
    runpy.run_path(str(tools), run_name="__main__")
    sys.exit(0)


def fail(problem: str) -> NoReturn:
    """End with one line; passwords in an address are left out."""
    command = sys.argv[1] if len(sys.argv) > 1 else "upkeep"
    shown = re.sub(r"(?<=://)[^/@\s]+@", "", problem)
    print(f"{command}: {shown}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        fail("interrupted; nothing changed")
