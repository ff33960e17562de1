"""Registers the permissions of a resource, in projects whose routes state one."""

import re
from collections.abc import Callable
from functools import partial

from upkeep.errors import RefusedError
from upkeep.resource import scratch
from upkeep.resource.spec import Resource

PERMISSIONS, LISTED = "app/core/permissions.py", scratch.LISTED.as_posix()
MEMBERS = "    # -- Your own permissions below this line. --\n"
GRANTS = "# -- Your own grants below this line. --"
LIST = "ROUTES_WITHOUT_PERMISSION"
Edit = Callable[[str], str]


def edits(resource: Resource) -> dict[str, tuple[Edit, Edit]]:
    """Return the files, with the functions that add and remove the lines."""
    return {
        PERMISSIONS: (
            partial(add_permissions, resource),
            partial(remove_permissions, resource),
        ),
        LISTED: (partial(add_reads, resource), partial(remove_reads, resource)),
    }


def add_permissions(resource: Resource, text: str) -> str:
    """Add the permissions of the routes, and grant them to members."""
    if MEMBERS not in text:
        raise RefusedError(
            f"{PERMISSIONS} has lost the line {MEMBERS.strip()}: make drift"
            f" ARGS='--heal {PERMISSIONS}'"
        )
    # Reads are open, but those of rows with an owner.
    ways = ["read", "write"] if resource.owner else ["write"]
    names = [f"{resource.plural}_{way}".upper() for way in ways]
    lines = "".join(
        f'    {name} = "{path_of(resource)}:{way}"\n'
        for name, way in zip(names, ways, strict=True)
    )
    text = text.replace(MEMBERS, MEMBERS + lines, 1)
    if GRANTS not in text:
        return text
    granted = ", ".join(f"Permission.{name}" for name in names)
    return f"{text.rstrip()}\nGRANTS[Role.MEMBER] |= {{{granted}}}\n"


def remove_permissions(resource: Resource, text: str) -> str:
    """Remove the permissions, and the line that grants them."""
    name = f"{resource.plural.upper()}_(READ|WRITE)"
    grant = rf"GRANTS\[Role\.MEMBER\] \|= \{{\s*Permission\.{name}[^}}]*\}}\n"
    return re.sub(rf"(?m)^({grant}|    {name} = .*\n)", "", text)


def add_reads(resource: Resource, text: str) -> str:
    """List the reads that need no permission."""
    if LIST not in text or resource.owner:
        return text
    url = f"/api/v1/{path_of(resource)}"
    urls = (url, f"{url}/{{{resource.name}_id}}")
    lines = "".join(f'{LIST}.add(("GET", "{one}"))\n' for one in urls)
    return f"{text.rstrip()}\n{lines}"


def remove_reads(resource: Resource, text: str) -> str:
    """Remove the reads from the list."""
    url = rf"/api/v1/{path_of(resource)}(/\{{{resource.name}_id\}})?"
    return re.sub(rf'(?m)^{LIST}\.add\(\s*\("GET", "{url}"\)\s*\)\n', "", text)


def path_of(resource: Resource) -> str:
    """Return the plural, as in the path of the routes."""
    return resource.plural.replace("_", "-")
