"""Branch coverage of the template: which blocks were rendered, and which were not."""

from collections import defaultdict
from collections.abc import Iterator

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

# The place of a block -> the values of its condition.
seen: defaultdict[str, set[bool]] = defaultdict(set)


def record(place: str, condition: object) -> str:
    """Record the value of a condition. Renders as an empty text."""
    seen[place].add(bool(condition))
    return ""


def one_sided() -> list[str]:
    """List the blocks whose condition had one value only."""
    return [
        f"{place} was always {'on' if True in conditions else 'off'}"
        for place, conditions in sorted(seen.items())
        if len(conditions) == 1
    ]


class Branches(Extension):
    """A Jinja extension that calls `record` before each `if` block."""

    def __init__(self, environment: Environment) -> None:
        """Add the function to the environment's globals."""
        super().__init__(environment)
        environment.globals["_record"] = record

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Insert a call with the condition as its argument before each block."""
        for token in stream:
            block = [token]
            while token.type == "block_begin" and block[-1].type != "block_end":
                block.append(next(stream))
            if stream.name and block[1:] and block[1].test("name:if"):
                yield from call(f"{stream.name}:{token.lineno}", block[2:-1])
            yield from block


def call(place: str, condition: list[Token]) -> Iterator[Token]:
    """Return the tokens of `{{ _record(place, condition) }}`."""
    line = condition[0].lineno
    yield Token(line, "variable_begin", "{{")
    yield Token(line, "name", "_record")
    yield Token(line, "lparen", "(")
    yield Token(line, "string", place)
    yield Token(line, "comma", ",")
    yield from condition
    yield Token(line, "rparen", ")")
    yield Token(line, "variable_end", "}}")
