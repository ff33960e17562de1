"""Settings of git that people have, and that may not change what an update does.

`GLOBAL` has texts of a configuration file, `VARIABLES` variables. `{}` is the folder
with the files that they refer to.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.support.commands import succeed

NAMES = (
    "ids.py\ncontext.py\n/app/core/drain.py\ndocs/\nsecurity.md\n"
    "*.rej\n*.mine\n.copier-answers.yml\n"
)
ATTRIBUTES = "* filter=spoil diff=spoil merge=spoil ident -text\n*.md binary\n"
SPOIL = """
[filter "spoil"]
    clean = sed -e s/a/b/
    smudge = sed -e s/b/a/
    required
[diff "spoil"]
    command = false
    textconv = false
    binary = true
[merge "spoil"]
    driver = false
"""
HOOKS = (
    *("pre-commit", "commit-msg", "post-checkout", "post-commit", "post-index-change"),
    *("prepare-commit-msg", "reference-transaction"),
)
GLOBAL = {
    "ignores": "[core]\nexcludesFile = {}/ignore",
    "attributes": f"[core]\nattributesFile = {{}}/attributes{SPOIL}",
    "binary": "[core]\nbigFileThreshold = 1",
    "template": "[init]\ntemplateDir = {}/template",
    "hooks": "[core]\nhooksPath = {}/template/hooks",
    "line ends": "[core]\nautocrlf = true\neol = crlf\nsafecrlf = true",
    "modes": "[core]\nfileMode = false\nsymlinks = false\nsharedRepository = world",
    "colours": "[color]\nui = always\ngrep = always\nstatus = always\ndiff = always",
    "diff": (
        "[diff]\nnoprefix = true\nmnemonicPrefix = true\nexternal = false\n"
        "context = 0\ninterHunkContext = 9\nrenames = copies\nrelative = true\n"
        "algorithm = patience\nsuppressBlankEmpty = true\nignoreSubmodules = all"
    ),
    "apply": "[apply]\nwhitespace = error\nignoreWhitespace = change",
    "whitespace": "[core]\nwhitespace = tab-in-indent\n[apply]\nwhitespace = fix",
    "status": (
        "[status]\nshort = true\nbranch = true\nshowUntrackedFiles = no\n"
        "renames = copies\nrelativePaths = false\nshowStash = true"
    ),
    "merge": (
        "[merge]\nconflictStyle = zdiff3\n[rerere]\nenabled = true\nautoUpdate = true"
    ),
    "signed": (
        "[commit]\ngpgSign = true\n[tag]\ngpgSign = true\n[gpg]\nprogram = false\n"
        "[log]\nshowSignature = true\n[user]\nsigningKey = 0"
    ),
    "no name": "[user]\nuseConfigOnly = true\n",
    "monitor": "[core]\nfsmonitor = {}/monitor\nuntrackedCache = true",
    "index": "[core]\nignoreStat = true\nsplitIndex = true\n[index]\nversion = 4",
    "grep": "[grep]\nfullName = true\nlineNumber = true\npatternType = fixed",
    "names": "[core]\nquotePath = false\nabbrev = 40\nprecomposeUnicode = true",
    "format": "[init]\ndefaultObjectFormat = sha256\ndefaultBranch = a/b",
    "submodules": "[submodule]\nrecurse = true\n[checkout]\nguess = false",
    "remotes": '[remote "origin"]\ntagOpt = --no-tags\n[clone]\ndefaultRemoteName = x',
}
VARIABLES = {
    "default ignores": {"XDG_CONFIG_HOME": "{}/xdg"},
    "home": {"XDG_CONFIG_HOME": "", "HOME": "{}/home"},
    "system": {"GIT_CONFIG_SYSTEM": "{}/system"},
    "command": {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.excludesFile",
        "GIT_CONFIG_VALUE_0": "{}/ignore",
    },
    "parameters": {"GIT_CONFIG_PARAMETERS": "'core.excludesfile'='{}/ignore'"},
    "templates": {"GIT_TEMPLATE_DIR": "{}/template", "GIT_DEFAULT_HASH": "sha256"},
    "diffs": {"GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "--unified=0"},
    "another repository": {
        "GIT_DIR": "{}/other/.git",
        "GIT_WORK_TREE": "{}/other",
        "GIT_INDEX_FILE": "{}/index",
        "GIT_OBJECT_DIRECTORY": "{}/objects",
        "GIT_NAMESPACE": "x",
        "GIT_PREFIX": "x/",
    },
    "names of files": {"GIT_LITERAL_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1"},
    "language": {"LANG": "de_DE.UTF-8", "LANGUAGE": "de", "LC_ALL": "C"},
    "tracing": {"GIT_TRACE": "1", "GIT_TRACE2": "1", "FORCE_COLOR": "1"},
    "copier": {"COPIER_SETTINGS_PATH": "{}/settings.yml", "PYTHONWARNINGS": "error"},
}


def settings(folder: Path) -> Path:
    """Write the files that the settings refer to."""
    for place in ("ignore", "xdg/git/ignore", "home/.config/git/ignore"):
        write(folder / place, NAMES)
    for place in ("attributes", "xdg/git/attributes", "home/.config/git/attributes"):
        write(folder / place, ATTRIBUTES)
    write(folder / "template/info/exclude", NAMES)
    write(folder / "template/info/attributes", ATTRIBUTES)
    write(folder / "system", f"[core]\nexcludesFile = {folder}/ignore\n")
    write(folder / "settings.yml", "defaults:\n  author_name: Another\n")
    for hook in HOOKS:
        write(folder / "template/hooks" / hook, "#!/bin/sh\nexit 1\n").chmod(0o755)
    # Answers that nothing has changed.
    write(folder / "monitor", "#!/bin/sh\nprintf 'token\\0'\n").chmod(0o755)
    (folder / "objects").mkdir()
    succeed(["git", "init", "--quiet", "other"], folder)
    return folder


def write(file: Path, text: str) -> Path:
    """Write a file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def variables(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the variables that put some of the settings in force."""
    texts = [GLOBAL[name] for name in names if name in GLOBAL]
    whole = "\n".join([*texts, "[safe]\ndirectory = *\n"]).replace("{}", str(folder))
    found = {"GIT_CONFIG_GLOBAL": str(write(folder / "gitconfig", whole))}
    for name in (it for it in names if it in VARIABLES):
        found |= {key: it.format(folder) for key, it in VARIABLES[name].items()}
    return found


def configure(project: Path, folder: Path) -> None:
    """Write all settings into the configuration of a project's own clone."""
    whole = "\n".join(GLOBAL.values()).replace("{}", str(folder))
    with (project / ".git/config").open("a", encoding="utf-8") as config:
        config.write(f"{whole}\n")
    write(project / ".git/info/exclude", NAMES)
    write(project / ".git/info/attributes", "*.md binary\n* diff=spoil merge=spoil\n")
