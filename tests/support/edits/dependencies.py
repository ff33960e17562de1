"""Own dependencies, below the markers, as `poetry add` or a person writes them."""

from tests.support.edits.edit import Change, Edit, below

OWN = "    # -- Your own dependencies below this line. --"
TOOLS = "    # -- Your own development tools below this line. --"
SETTINGS = "# -- Your own tool settings below this line. --"


def last_of(anchor: str, *requirements: str) -> Change:
    """Add requirements at the end of the list, as tools do."""
    return below(anchor, "".join(f"    {one}\n" for one in requirements))


# Poetry writes no comma after the last one: tests/updates/test_edits.py runs the tools.
EDITS = {
    "uv": [
        Edit("pyproject.toml", last_of(OWN, '"click>=8.3",')),
        Edit("pyproject.toml", last_of(TOOLS, '"freezegun>=1.5",')),
    ],
    "poetry": [
        Edit("pyproject.toml", last_of(OWN, '"click (>=8.3,<9.0)"')),
        Edit("pyproject.toml", last_of(TOOLS, '"freezegun (>=1.5,<2.0)"')),
    ],
    "pip": [
        Edit("pyproject.toml", last_of(OWN, '"click>=8.3,<9",')),
        Edit("pyproject.toml", last_of(TOOLS, '"freezegun>=1.5,<2",')),
    ],
}
TOOL_SETTINGS = [
    Edit("pyproject.toml", below(SETTINGS, '\n[tool.wishes]\ncolour = "red"\n'))
]
