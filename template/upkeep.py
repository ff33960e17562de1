"""Run the tools of the template: `make update`, `make drift` and `make resource`.

This file clones a release of the template, and runs its folder `upkeep/` here.
"""

import os
import re
import runpy
import signal
import subprocess  # nosec B404
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn
from urllib.parse import quote

ANSWERS = ".copier-answers.yml"
BACK = f"Take it back: git checkout HEAD -- {ANSWERS}"
MOVED = f"if it has moved, commit its new address into _src_path of {ANSWERS}"
RELEASE = re.compile(r"refs/tags/(v?(\d+)\.(\d+)\.(\d+))$", re.MULTILINE)
SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
TIMEOUT = 120
# The hooks and filters of a person are not run on the tools.
PLAIN = ("-c", "core.hooksPath=/dev/null", "-c", "core.attributesFile=/dev/null")


def main(command: str = "update", *arguments: str) -> None:
    """Find the tools, and run one of their commands; options alone are of `update`."""
    if command.startswith("-"):
        command, arguments = "update", (command, *arguments)
    sys.argv[1:] = [command, *arguments]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.chdir(Path(__file__).resolve().parent)
    never_ask()
    kept = kept_tools()
    if {"--resume", "--undo"} & {*arguments} and kept.exists():
        runpy.run_path(str(kept), run_name="__main__")
    url, current = address(answer("_src_path")), answer("_commit")
    asked = re.search(r"(?:^| )--to[= ](\S+)", " ".join(arguments))
    own = command in ("drift", "resource")
    release = asked[1] if asked else current if own else ""
    with TemporaryDirectory(prefix="upkeep-") as folder:
        clone(url, release, folder)
        runpy.run_path(f"{folder}/upkeep", run_name="__main__")


def never_ask() -> None:
    """Let git and ssh fail where they would wait, and drop what git sets for hooks."""
    for name in ("GIT_NAMESPACE", *git("rev-parse", "--local-env-vars").split()):
        if not name.startswith("GIT_CONFIG"):
            os.environ.pop(name, None)
    configured = git("config", "--get", "core.sshCommand")
    ssh = os.environ.get("GIT_SSH_COMMAND") or configured or "ssh"
    os.environ["GIT_SSH_COMMAND"] = f"{ssh} -o BatchMode=yes -o ConnectTimeout=20"
    os.environ["GIT_TERMINAL_PROMPT"] = "0"


def kept_tools() -> Path:
    """Return where an update keeps its tools until it ends, in the folder of git."""
    prefix = git("rev-parse", "--show-prefix") or "-"
    place = git("rev-parse", "--git-path", "upkeep")
    return Path(place).resolve() / quote(prefix, "") / "tools/upkeep"


def answer(name: str) -> str:
    """Return an answer of Copier's; in a conflict, the newer one."""
    if not Path(ANSWERS).exists():
        fail(f"{ANSWERS} is missing. {BACK}")
    text = Path(ANSWERS).read_text(encoding="utf-8")
    found: list[str] = re.findall(rf"^{name}: (.+(?:\n .+)*)", text, re.MULTILINE)
    if not found:
        fail(f"{ANSWERS} has no {name}. {BACK}")
    return " ".join(found[-1].split()).strip("\"'")


def address(source: str) -> str:
    """Return the template's address as git knows it."""
    source = source.removeprefix("git+")
    if host := SHORT.get(source[:3]):
        return f"{host}{source[3:].strip('/').removesuffix('.git')}.git"
    if ":" in source.split("/", 1)[0]:
        return source
    place = Path(source).expanduser()
    if not place.is_absolute():
        fail(f"_src_path: {source} is relative: write the whole address, commit it")
    return str(place)


def clone(url: str, release: str, folder: str) -> None:
    """Clone a release, or the newest one; with its history if it has no name."""
    unread = f"the template can not be read at {url}; {MOVED}"
    listed = git("ls-remote", "--heads", "--tags", "--", url, problem=unread)
    tags = [match.groups() for match in RELEASE.finditer(listed)]
    newest = max(tags, default=("HEAD",), key=lambda tag: [int(it) for it in tag[1:]])
    chosen = release or newest[0]
    named = re.search(rf"refs/(heads|tags)/{re.escape(chosen)}$", listed, re.MULTILINE)
    shallow = ["--depth=1", f"--branch={chosen}"] if named else []
    git("clone", "--quiet", *shallow, "--", url, folder, problem=unread)
    if not named and not git("-C", folder, "rev-parse", "-q", "--verify", chosen):
        fail(f"the template has no {chosen}: git ls-remote --tags {url} lists all")
    git("-C", folder, "checkout", "--quiet", "--detach", chosen)
    if not Path(folder, "upkeep/__main__.py").exists():
        fail(f"{chosen} of the template has no update tools: choose v0.5.0 or later")


def git(*arguments: str, problem: str = "") -> str:
    """Return the output of git; if it fails, end with the problem and its reason."""
    try:
        done = subprocess.run(  # nosec B603 B607
            ["git", *PLAIN, *arguments],
            env=os.environ | {"GIT_TEMPLATE_DIR": "", "LC_ALL": "C"},
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
    if problem and done.returncode:
        reasons = re.findall(r"^(?!warning)\S.*", done.stderr, re.MULTILINE)
        fail(f"{problem}: {' '.join(reasons[:1])}")
    return done.stdout.strip()


def fail(problem: str) -> NoReturn:
    """End with one line, without the credentials that an address may contain."""
    sys.exit(f"{sys.argv[1]}: {re.sub(r'(?<=://)[^/@ ]+@', '', problem)}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        fail("interrupted; nothing changed")
