"""Three-way merge of one requirement: `merge("a>=1", "a>=2", "a[x]>=1")`."""

from dataclasses import dataclass
from typing import TypeVar

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

# What sets a lower bound, an exact version included.
LOWER = (">=", ">", "==", "~=")
UPPER = ("<", "<=")

T = TypeVar("T")


@dataclass(frozen=True)
class Bounds:
    """A version specifier in parts, each of which is merged on its own."""

    version: str
    form: str
    upper: frozenset[str]
    excluded: frozenset[str]

    @property
    def floor(self) -> Version:
        """Return the lowest version that is allowed."""
        return Version(self.version or "0.dev0")

    def text(self) -> str:
        """Return the specifier, its lower bound first."""
        lower = [self.form.format(self.version)] if self.version else []
        return ",".join([*lower, *sorted(self.upper), *sorted(self.excluded)])

    def is_satisfiable(self) -> bool:
        """Check that the lower bound is below the upper one."""
        upper = SpecifierSet(",".join(self.upper))
        return not self.version or upper.contains(self.floor, prereleases=True)


def merge(base: str, ours: str, theirs: str) -> str:
    """Merge what a project and a release made of a requirement.

    Args:
        base: The requirement of the release that the project has.
        ours: The requirement of the project.
        theirs: The requirement of the release that the project gets.

    Returns:
        The text of `ours` or `theirs` if it has all changes, else a new one: the higher
        lower bound of both, the extras of both. If both changed the upper bound or the
        marker, the upper bound is that of the higher lower bound, and the marker ours.
    """
    b, o, t = Requirement(base), Requirement(ours), Requirement(theirs)
    if t in (b, o):
        return ours
    if o == b:
        return theirs
    if is_opaque(o) or is_opaque(t):
        return ours
    merged = Requirement(o.name)
    merged.extras = set(united(b.extras, o.extras, t.extras))
    merged.specifier = SpecifierSet(text := specifier(b, o, t))
    merged.marker = Requirement(ours if o.marker != b.marker else theirs).marker
    for requirement, same in ((o, ours), (t, theirs)):
        if merged == requirement:
            return same
    extras = f"[{','.join(sorted(merged.extras))}]" if merged.extras else ""
    marker = f"; {merged.marker}".replace('"', "'") if merged.marker else ""
    return f"{o.name}{extras}{text}{marker}"


def is_opaque(requirement: Requirement) -> bool:
    """Check for a URL or an arbitrary version, which can not be compared."""
    arbitrary = any(it.operator == "===" for it in requirement.specifier)
    return arbitrary or requirement.url is not None


def specifier(base: Requirement, ours: Requirement, theirs: Requirement) -> str:
    """Merge the version specifiers of three requirements."""
    b, o, t = (bounds(it.specifier) for it in (base, ours, theirs))
    higher = o if o.floor >= t.floor else t
    merged = Bounds(
        version=choose(b.version, o.version, t.version, higher.version),
        form=choose(b.form, o.form, t.form, higher.form),
        upper=choose(b.upper, o.upper, t.upper, higher.upper),
        excluded=united(b.excluded, o.excluded, t.excluded),
    )
    return (merged if merged.is_satisfiable() else higher).text()


def bounds(specifiers: SpecifierSet) -> Bounds:
    """Divide a version specifier into its parts."""
    lowest = max(
        (it for it in specifiers if it.operator in LOWER), key=floor_of, default=None
    )
    wildcard = ".*" if lowest and lowest.version.endswith(".*") else ""
    return Bounds(
        version=lowest.version.removesuffix(".*") if lowest else "",
        form=f"{lowest.operator}{{}}{wildcard}" if lowest else ">={}",
        upper=frozenset(str(it) for it in specifiers if it.operator in UPPER),
        excluded=frozenset(str(it) for it in specifiers if it.operator == "!="),
    )


def floor_of(specifier: Specifier) -> Version:
    """Return the version of a lower bound."""
    return Version(specifier.version.removesuffix(".*"))


def choose(base: T, ours: T, theirs: T, otherwise: T) -> T:
    """Return the side that changed, or another value if both did."""
    if ours == base:
        return theirs
    return ours if theirs in (base, ours) else otherwise


def united(
    base: frozenset[str] | set[str],
    ours: frozenset[str] | set[str],
    theirs: frozenset[str] | set[str],
) -> frozenset[str]:
    """Return what neither side removed and what either side added."""
    return frozenset((ours & theirs) | (ours - base) | (theirs - base))
