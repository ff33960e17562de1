"""Measures which blocks of the template were rendered, and which were left out."""

from collections import defaultdict
from collections.abc import Iterator

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

# Where a block begins -> what its condition was.
seen: defaultdict[str, set[bool]] = defaultdict(set)


def record(place: str, condition: object) -> str:
    """Note a condition; called where the block begins, it prints nothing."""
    seen[place].add(bool(condition))
    return ""


def one_sided() -> list[str]:
    """List the blocks whose condition never changed."""
    return [
        f"{place} was always {'on' if True in conditions else 'off'}"
        for place, conditions in sorted(seen.items())
        if len(conditions) == 1
    ]


class Branches(Extension):
    """Puts a call of `record` before every `if` of a template."""

    def __init__(self, environment: Environment) -> None:
        """Make the call known to templates."""
        super().__init__(environment)
        environment.globals["_record"] = record

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Repeat a block's condition as the argument of a call before it."""
        for token in stream:
            block = [token]
            while token.type == "block_begin" and block[-1].type != "block_end":
                block.append(next(stream))
            if stream.name and block[1:] and block[1].test("name:if"):
                yield from call(f"{stream.name}:{token.lineno}", block[2:-1])
            yield from block


def call(place: str, condition: list[Token]) -> Iterator[Token]:
    """Spell `{{ _record(place, condition) }}` in tokens."""
    line = condition[0].lineno
    yield Token(line, "variable_begin", "{{")
    yield Token(line, "name", "_record")
    yield Token(line, "lparen", "(")
    yield Token(line, "string", place)
    yield Token(line, "comma", ",")
    yield from condition
    yield Token(line, "rparen", ")")
    yield Token(line, "variable_end", "}}")
