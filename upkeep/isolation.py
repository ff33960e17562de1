"""The environment of git and Copier: no setting of a person decides what a merge sees.

Copier merges in repositories of its own. Their `git add` leaves out a file that a
global ignore file names, so the edits of that file are lost without a conflict.
Attributes, filters, hooks and templates do similar harm. Therefore git reads a copy of
the configuration of the system and of the person, with those settings only that
transfer a template. What a person ignores is ignored in the project itself only: there
it names files that are none of the template's. Start with `environment`.
"""

import atexit
import os
import re
import shutil
import subprocess  # nosec B404
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from upkeep.errors import RefusedError

# A key and its value.
Setting = tuple[str, str]

# The oldest git that reads GIT_CONFIG_GLOBAL.
OLDEST = (2, 32)
# Addresses, credentials, proxies, permissions and names. Filters (LFS) are in use only
# where the .gitattributes of the project name them.
KEPT = re.compile(
    r"(url|https?|credential|ssh|protocol|safe|filter|lfs)\..*|remote\..*\.proxy.*"
    r"|core\.(sshcommand|askpass|gitproxy)|(user|author|committer)\.(name|email)"
)
KEPT_VARIABLES = re.compile(
    r"GIT_(AUTHOR|COMMITTER|ASKPASS|SSH|SSL|PROXY|HTTP|CURL|ALLOW_PROTOCOL|PROTOCOL|LFS"
    r"|EXEC_PATH|TERMINAL_PROMPT|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)(_.*)?"
)
FOREIGN = re.compile(r"(GIT|COPIER)_.*|PYTHONWARNINGS|(CLICOLOR_)?FORCE_COLOR|LANGUAGE")
# A hook of git sets them.
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE")
# They override the configuration of the project's clone, which is a person's as well.
NEUTRAL = {
    "apply.ignoreWhitespace": "no",
    "apply.whitespace": "nowarn",
    "color.grep": "false",
    "color.ui": "false",
    "commit.gpgSign": "false",
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.ignoreStat": "false",
    "core.quotePath": "true",
    "core.safecrlf": "false",
    "core.untrackedCache": "false",
    "diff.relative": "false",
    "gc.auto": "0",
    "grep.column": "false",
    "grep.fullName": "false",
    "grep.lineNumber": "false",
    "init.defaultBranch": "main",
    "log.showSignature": "false",
    "merge.conflictStyle": "merge",
    "merge.ff": "true",
    "rerere.enabled": "false",
    "status.showUntrackedFiles": "all",
    "submodule.recurse": "false",
}

# People without a name in their configuration can adopt and update as well.
DEFAULT_NAME = (("user.name", "upkeep"), ("user.email", "upkeep@localhost"))


def environment(project: Path) -> dict[str, str]:
    """Return the variables for git. Raises RefusedError if git is too old."""
    folder, command = configuration(project.absolute())
    variables = {
        name: value
        for name, value in os.environ.items()
        if not FOREIGN.fullmatch(name) or KEPT_VARIABLES.fullmatch(name)
    }
    variables |= numbered([*command, *NEUTRAL.items()])
    variables |= {
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TEMPLATE_DIR": "",
        # Messages of git are read, and shown in one line.
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    return variables


def for_copier(project: Path) -> dict[str, str]:
    """Return the variables for Copier.

    Its repositories get the project's object format, and its clones of templates a
    cache of their own: those in a person's cache may have hooks and attributes.
    """
    folder, _ = configuration(project.absolute())
    variables = environment(project)
    variables |= {
        "COPIER_CACHE_DIR": str(cache_folder()),
        "COPIER_SETTINGS_PATH": str(folder / "settings.yml"),
        "PYTHONUTF8": "1",
    }
    asked = run(project, "rev-parse", "--show-object-format", env=variables)
    if not asked.returncode:
        variables["GIT_DEFAULT_HASH"] = asked.stdout.strip()
    return variables


def cache_folder() -> Path:
    """Return the folder of the templates that Copier has cloned for these tools."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("COPIER_CACHE_DIR") or caches) / "plumbline"


@cache
def configuration(project: Path) -> tuple[Path, list[Setting]]:
    """Copy the kept settings. Returns the folder, and those of the command line."""
    check_version(project)
    folder = Path(tempfile.mkdtemp(prefix="upkeep-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "settings.yml").write_text("{}\n", encoding="utf-8")
    file = ("config", "--file", str(folder / "gitconfig"), "--add")
    elsewhere = [("core.excludesFile", os.devnull), *ignored(project, folder)]
    for setting in [*DEFAULT_NAME, *elsewhere, *listed(project, "system", "global")]:
        run(project, *file, *setting)
    return folder, listed(project, "command")


def listed(project: Path, *scopes: str) -> list[Setting]:
    """Return the kept settings of some scopes, in their order. Raises RefusedError."""
    done = run(project, "config", "--list", "--show-scope", "--includes", "-z")
    if done.returncode:
        raise RefusedError(f"git config: {done.stderr.strip()}")
    words = done.stdout.split("\0")[:-1]
    found: list[Setting] = []
    for scope, pair in zip(words[::2], words[1::2], strict=True):
        key, line, value = pair.partition("\n")
        if scope in scopes and KEPT.fullmatch(key):
            # A key without a value is true.
            found.append((key, value if line else "true"))
    return found


def ignored(project: Path, folder: Path) -> list[Setting]:
    """Return what lets git ignore in the project what the person ignores."""
    place = run(project, "rev-parse", "--absolute-git-dir").stdout.strip()
    asked = run(project, "config", "--type=path", "--get", "core.excludesFile")
    homes = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    file = Path(asked.stdout.strip() or Path(homes, "git/ignore"))
    if not place or not (project / file).is_file():
        return []
    setting = ("core.excludesFile", str(project / file))
    run(project, "config", "--file", str(folder / "project"), *setting)
    pattern = re.sub(r"([\\*?[])", r"\\\1", place)
    return [(f"includeIf.gitdir:{pattern}.path", str(folder / "project"))]


def numbered(settings: Sequence[Setting]) -> dict[str, str]:
    """Return the variables that set these settings for every repository."""
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def check_version(project: Path) -> None:
    """Refuse a machine without git, or with one that can not be isolated."""
    if not shutil.which("git"):
        raise RefusedError(
            "git is not on PATH: install it (https://git-scm.com/downloads)"
        )
    printed = run(project, "version").stdout.strip()
    found = re.search(r"(\d+)\.(\d+)", printed)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise RefusedError(f"{printed} is too old: install git {oldest} or newer")


def run(
    project: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, with a person's settings or with these variables."""
    own = {name: it for name, it in os.environ.items() if name not in ELSEWHERE}
    return subprocess.run(  # nosec B603 B607
        ["git", *arguments],
        cwd=project,
        env=own if env is None else env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
