"""Own entries in the lists of what git and the image leave out."""

from tests.support.edits.edit import Edit, below

ENTRIES = "# -- Your own entries below this line. --"

EDITS = [
    Edit(".gitignore", below(ENTRIES, "/exports/\n*.parquet\n")),
    Edit(".dockerignore", below(ENTRIES, "!static\n")),
]
