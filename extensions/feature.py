"""Start a feature of the template; `make feature NAME=cache`.

It writes a small feature that passes the tests: a question, a page of documentation and
the entries in all lists. Then it prints what is left to do.
"""

import keyword
import re
import sys
from pathlib import Path

from extensions.questions import ROOT, questions
from extensions.refusals import RefusalError

USAGE_ERROR = 2
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MANIFEST = """\
# {title}: what it adds to a project, and which teams need it.
{name}:
  type: bool
  help: "{title}? ({page})"
  default: false
  validator: |
    # {{% from 'includes/switch.jinja' import problem %}}
    {{{{ problem(_copier_conf.data.{name} | default(false)) }}}}

_exclude:
  - |
    # {{% if not {name} | default(true) %}}
    /{page}
    # {{% endif %}}
"""
PAGE = "# {title}\n\nWhat `{name}` adds, how you configure it, and how you use it.\n"
UNRELEASED = """\
## Unreleased

### What is new


### What changes in your project

- Nothing, until you change an answer.

### Before you deploy

- Nothing.

"""
# Where each list gets its entry. The question is asked before `ci`.
ENTRIES = {
    "copier.yml": (
        r"(?m)^(?=!include questions/delivery\.yml)",
        "!include features/{name}.yml\n---\n",
    ),
    "extensions/promises.yml": (
        r"(?=\n# Files that moved)",
        "  {name}: {{had: false}}\n",
    ),
    "tests/support/answers.py": (
        r'(?m)^(?=    "ci": "github")',
        '    "{name}": False,\n',
    ),
    "tests/data/feature_words.yml": (
        r"\Z",
        "{name}:\n  without: {{}}\n  with: {{{name}: true}}\n  files: [{file}]\n"
        "  words: [{word}]\n  phrases: [{phrase}]\n  allowed: {{}}\n",
    ),
    "README.md": (
        r"(?m)^(?=\| `ci` \|)",
        "| `{name}` | {title}: adds `{page}` | no |\n",
    ),
    "CHANGELOG.md": (
        r"(?<=### What is new\n\n)",
        "- A new question, `{name}`: off by default. It adds `{page}`.\n",
    ),
}
LEFT = """
Left to do; docs/maintain/add-a-feature.md describes each step:

  the question and every file of the feature      features/{name}.yml
  its files and their tests                       template/
  requirements, in a block; then make reserved    template/pyproject.toml.jinja
  settings                                        template/app/core/config.py.jinja
                                                  template/.env.example.jinja
                                                  template/docs/settings.md.jinja
  what is created with the application            template/app/main.py.jinja
  a container                                     template/compose.yaml.jinja
  a link to the page                              template/README.md.jinja
  the words that only this feature uses           tests/data/feature_words.yml
  what the answer changes                         README.md, CHANGELOG.md

  make golden && make size ARGS=--write && make check
  make test ARGS=tests/template
"""


def start(name: str, root: Path = ROOT) -> list[str]:
    """Write the feature, and return the changed files. Raises RefusalError."""
    if problem := problem_of(name, root):
        raise RefusalError(problem)
    values = values_of(name)
    texts = {
        f"features/{name}.yml": MANIFEST.format(**values),
        f"template/{values['page']}": PAGE.format(**values),
    }
    for file, (place, entry) in ENTRIES.items():
        text = with_entry(
            (root / file).read_text(encoding="utf-8"), place, entry.format(**values)
        )
        if text is None:
            raise RefusalError(f"{file} has no place for the entry of {name}")
        texts[file] = text
    for file, text in texts.items():
        (root / file).write_text(text, encoding="utf-8")
    return [*texts]


def problem_of(name: str, root: Path) -> str:
    """Return why a feature can not have this name, or an empty text."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        return f"{name!r} can not name a question: write NAME=cache, for example"
    if name in questions(root) or (root / "features" / f"{name}.yml").exists():
        return f"{name} exists already: choose another name"
    return ""


def values_of(name: str) -> dict[str, str]:
    """Return the words that the texts contain, made from the name."""
    file = f"{name.replace('_', '-')}.md"
    # Names are split into words there, so a name of several is a phrase.
    several = "_" in name
    return {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "file": file,
        "page": f"docs/{file}",
        "word": "" if several else name,
        "phrase": name if several else "",
    }


def with_entry(text: str, place: str, entry: str) -> str | None:
    """Insert an entry at the first match of a pattern, or return None."""
    if "### What is new" in place and "\n## Unreleased\n" not in text:
        text = re.sub(r"(?m)^(?=## )", UNRELEASED, text, count=1)
    new, found = re.subn(place, lambda _: entry, text, count=1)
    return new if found else None


def main(name: str) -> int:
    """Start the feature, and print what was written and what is left."""
    try:
        written = start(name)
    except RefusalError as refusal:
        print(f"make feature: {refusal}", file=sys.stderr)
        return USAGE_ERROR
    print("Written:\n")
    print("".join(f"  {file}\n" for file in written), end="")
    print(LEFT.format(name=name), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
