"""Own entries in .gitignore and .dockerignore."""

from tests.support.edits.edit import Edit, below

ENTRIES = "# -- Your own entries below this line. --"

EDITS = [
    Edit(".gitignore", below(ENTRIES, "/exports/\n*.parquet\n")),
    Edit(".dockerignore", below(ENTRIES, "!static\n")),
]
