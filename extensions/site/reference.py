"""The reference: pages that are generated from questions, projects and rules."""

import re
from collections.abc import Sequence
from typing import Any

import yaml

from extensions.questions import ROOT, Question
from extensions.site.samples import Addition, Project
from extensions.standards import ABOUT, Rules

TARGET = re.compile(r"^([a-z-]+):[^#\n]*## (.+)$", re.M)
STATUS_CODE = re.compile(r'^    (\d{3}): \("(\w+)", "(.+)"\),$', re.M)
# The first line of the docstring of a class, and its code. Python of the template
# repository is older than that of projects, so `ast` can not parse them.
CODE = re.compile(
    r'^class \w+\([^\n]*\):\n    """(.+?)(?:"""$|$)'
    r'(?:(?!^class ).)*?^    code\b[^=\n]*= "(\w+)"$',
    re.M | re.S,
)


def answers(fields: list[dict[str, Any]]) -> str:
    """Return the page of all questions, from the form that Copier asked."""
    rows = [
        (f"`{it['name']}`", it["help"], values(it), f"`{shown(it['default'])}`")
        for it in fields
    ]
    return page(
        "Answers",
        "The questions of the template, in the order of asking. Set an answer with "
        "`--data name=value`, several with `--data-file answers.yml`.",
        table("answer", "question", "values", "default", rows=rows),
    )


def values(field: dict[str, Any]) -> str:
    """Return the values of a question for a table."""
    if field["kind"] == "confirm":
        return "`true`, `false`"
    return ", ".join(f"`{one['value']}`" for one in field["choices"]) or "text"


def shown(value: object) -> str:
    """Return a value as it is entered."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def features(additions: dict[Question, Addition]) -> str:
    """Return the page of what each feature adds to the default project."""
    sections = [
        f"## {question.name}\n\n{question.help}\n\n"
        + "\n".join(
            f"- {kind}: {', '.join(f'`{name}`' for name in names)}"
            for kind, names in vars(addition).items()
            if names
        )
        for question, addition in additions.items()
    ]
    return page(
        "Features",
        "What each feature adds to a project with the default answers. A feature that "
        "is off leaves nothing behind.",
        *sections,
    )


def commands(template: str, project: str) -> str:
    """Return the page of the make targets of a project and of the template."""
    makefiles = {"a project": project, "the template": template}
    tables = [
        f"## In {where}\n\n"
        + table(
            *("command", "what it does"),
            rows=[(f"`make {name}`", text) for name, text in TARGET.findall(makefile)],
        )
        for where, makefile in makefiles.items()
    ]
    return page("Commands", "`make` alone lists them.", *tables)


def errors(project: Project) -> str:
    """Return the page of the error codes: those of statuses, and those of classes."""
    module = "app/api/errors.py"
    rows = [
        (f"`{code}`", f"{title} ({status})", f"`{module}`")
        for status, code, title in STATUS_CODE.findall(project[module])
    ] + [
        (f"`{code}`", text, f"`{name}`")
        for name, source in project.items()
        if name.startswith("app/") and name.endswith(".py")
        for text, code in CODE.findall(source)
    ]
    return page(
        "Error codes",
        "The member `error` of a problem document, which programs read. "
        "[Error responses](../project/errors.md) explains the others.",
        table("code", "meaning", "defined in", rows=sorted(rows)),
    )


def rules(catalogue: Rules) -> str:
    """Return the page of the rules, with good and bad code where a test has it."""
    sections = []
    for kind, about in ABOUT.items():
        own = [rule for rule in catalogue if rule["id"].startswith(f"{kind}-")]
        if own:
            sections += [f"## {kind}: {about}", *map(section, own)]
    return page(
        "Rules",
        "The rules of the standard, and the gate that finds a violation. The code is "
        "from the tests of the rules. [The standard](../project/standards.md) explains "
        "gates and waivers.",
        *sections,
    )


def section(rule: dict[str, Any]) -> str:
    """Return a rule with its gate, and the first of its valid and invalid snippets."""
    gate = f"Gate: `{rule['gate']}`" if "gate" in rule else rule["evidence"]
    lines = [f"### {rule['id']}", f"{rule['rule']}. {gate}"]
    snippets = ROOT / f"tests/data/snippets/{rule['id']}.yml"
    if snippets.exists():
        found = yaml.safe_load(snippets.read_text(encoding="utf-8"))
        for title, key in (("Good", "valid"), ("Bad", "invalid")):
            for snippet in found[key][:1]:
                lines.append(f"{title}:\n\n```python\n{snippet.rstrip()}\n```")
    return "\n\n".join(lines)


def table(*head: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def page(title: str, lead: str, *parts: str) -> str:
    """Return a page of Markdown."""
    return "\n\n".join([f"# {title}", lead, *parts]) + "\n"
