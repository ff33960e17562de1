"""The meaning of a shipped migration, in every combination of answers."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from jinja2 import Environment, StrictUndefined, meta

# As copier.yml has it: blocks are comments.
# The output is code, not HTML, so nothing is escaped.
ENVIRONMENT = Environment(  # nosec B701
    block_start_string="# {%",
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
# What each optional revision follows, by its name (questions/derived.yml).
CHAIN = "revisions"


def has_same_meaning(before: str, after: str) -> bool:
    """Return whether two template files render migrations that Alembic runs alike."""
    return meanings(before) == meanings(after)


def meanings(text: str) -> dict[tuple[tuple[str, bool], ...], dict[str, str]]:
    """Return the meaning of a migration for each combination of its conditions."""
    names = sorted(meta.find_undeclared_variables(ENVIRONMENT.parse(text)) - {CHAIN})
    template = ENVIRONMENT.from_string(text)
    combinations = [
        tuple(zip(names, values, strict=True))
        for values in product((True, False), repeat=len(names))
    ]
    chain = {CHAIN: defaultdict[str, str](lambda: "the revision before")}
    return {
        answers: meaning(template.render(chain | dict(answers)))
        for answers in combinations
    }


def meaning(source: str) -> dict[str, str]:
    """Return the last value of each name, and the code of everything else.

    Comments, annotations and the docstring have no meaning for Alembic, and neither has
    a value that is overwritten in the next line.
    """
    _, *statements = ast.parse(source).body
    return dict(pair for node in statements for pair in definitions(node))


def definitions(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield what a statement of a module defines: names, and the code behind them."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, ast.dump(value)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, ast.dump(value)
        case ast.FunctionDef(name=name):
            yield name, ast.dump(node)
        case _:
            yield ast.dump(node), ""
