"""Three-way merge of a list of requirements, line by line: start with `merge`."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from upkeep import specifiers
from upkeep.specifiers import choose

ITEM = re.compile(
    r"(?P<before>\s*)(?P<text>\"[^\"]*\"|'[^']*'|\{[^}]*\})"
    r"(?P<comma>\s*,)?(?P<after>\s*(#.*)?)"
)
COMMENT = re.compile(r"\s*(#.*)?")
# Project lines are written below these comments, so they are elements of their own.
MARKER = re.compile(r"\s*# -- .* below this line\b.*")


class UnreadableError(ValueError):
    """A list has a line that is not exactly one requirement or one comment."""


@dataclass(frozen=True)
class Element:
    """A requirement, an included group or a marker, with the comments above it."""

    key: str
    text: str
    above: tuple[str, ...] = ()
    before: str = "    "
    comma: bool = True
    after: str = ""

    @property
    def is_marker(self) -> bool:
        """Tell a comment that ends a section from a requirement."""
        return not self.text or self.text.startswith("#")

    @property
    def requirement(self) -> str:
        """Return the requirement without its quotes; empty if it is something else."""
        return self.text[1:-1] if self.text[:1] in ("'", '"') else ""

    def lines(self) -> list[str]:
        """Return the lines of the element."""
        comma = "," if self.comma and not self.is_marker else ""
        line = f"{self.before}{self.text}{comma}{self.after}"
        return [*self.above, line] if self.text else [*self.above]


Listed = dict[str, Element]


def merge(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """Merge the lines of a list.

    A requirement that one side removed is removed, unless the other side changed it.
    One that both changed is merged by `specifiers.merge`.
    """
    if theirs == base:
        return ours
    if ours == base:
        return theirs
    lists = [read(lines) for lines in (base, ours, theirs)]
    double = {
        key for it in lists for key, n in Counter(e.key for e in it).items() if n > 1
    }
    b, o, t = (by_key(it, double) for it in lists)
    merged = {key: it for key in {*o, *t} if (it := merge_element(key, b, o, t))}
    found = in_order(merged, o, t)
    # Poetry writes no comma behind the last requirement.
    last = max((n for n, it in enumerate(found) if not it.is_marker), default=0)
    found = [replace(it, comma=it.comma or n < last) for n, it in enumerate(found)]
    return [line for it in found for line in it.lines()]


def read(lines: Sequence[str]) -> list[Element]:
    """Divide the lines of a list into elements. Raises UnreadableError."""
    found, above = list[Element](), list[str]()
    for line in lines:
        if MARKER.fullmatch(line):
            found.append(Element(line.strip(), line.strip(), tuple(above)))
        elif COMMENT.fullmatch(line):
            above.append(line)
            continue
        elif match := ITEM.fullmatch(line):
            text, before, after = match["text"], match["before"], match["after"]
            comma = bool(match["comma"])
            key = key_of(text)
            found.append(Element(key, text, tuple(above), before, comma, after))
        else:
            raise UnreadableError(line)
        above = []
    return [*found, Element("", "", tuple(above))] if above else found


def key_of(text: str) -> str:
    """Return the normalized name of a requirement. Raises UnreadableError."""
    if text.startswith("{"):
        return text
    try:
        return canonicalize_name(Requirement(text[1:-1]).name)
    except InvalidRequirement as error:
        raise UnreadableError(text) from error


def by_key(elements: Iterable[Element], double: set[str]) -> Listed:
    """Name each element; requirements that share a name also by their marker."""
    named = Listed()
    for it in elements:
        marker = Requirement(it.requirement).marker if it.requirement else None
        named[f"{it.key}; {marker}" if it.key in double else it.key] = it
    return named


def merge_element(
    key: str, base: Listed, ours: Listed, theirs: Listed
) -> Element | None:
    """Merge one element; None if it is removed."""
    b, o, t = base.get(key), ours.get(key), theirs.get(key)
    if o is None or t is None:
        kept = o or t
        return kept if b is None or (kept is o and not same(o, b)) else None
    b = b or Element(key, f'"{key.partition(";")[0]}"' if o.requirement else o.text)
    text = o.text
    if o.requirement:
        merged = specifiers.merge(b.requirement, o.requirement, t.requirement)
        text = t.text if merged == t.requirement else f'"{merged}"'
        text = o.text if merged == o.requirement else text
    added = tuple(line for line in t.above if line not in o.above)
    return replace(
        o,
        text=text,
        above=choose(b.above, o.above, t.above, o.above + added),
        after=choose(b.after, o.after, t.after, o.after),
    )


def same(one: Element | None, other: Element) -> bool:
    """Compare two elements, whether a comma follows or not."""
    return one is not None and replace(one, comma=True) == replace(other, comma=True)


def in_order(merged: Listed, ours: Listed, theirs: Listed) -> list[Element]:
    """Put the project's elements between those of the release.

    Above the markers they are sorted in if the release has its list sorted. Elsewhere
    each follows the element that it follows in the project.
    """
    order = [key for key in theirs if key in merged]
    above = [*takewhile(lambda it: not theirs[it].is_marker, order)]
    is_sorted = all(one < other for one, other in pairwise(above))
    previous, below = "", False
    for key, it in ours.items():
        below = below or it.is_marker
        if key in merged and key not in order:
            place = order.index(previous) + 1 if previous else 0
            if is_sorted and not below:
                place = sum(one < key for one in above)
                above.insert(place, key)
            order.insert(place, key)
        previous = key if key in merged else previous
    return [merged[key] for key in order]
