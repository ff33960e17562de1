"""A paragraph and a section of users in the README."""

from tests.support.edits.edit import Edit, at_end, instead

SECTION = "\n## Wishes\n\nWhat people would like to have, under `/api/v1/wishes`.\n"

EDITS = [
    Edit(
        "README.md",
        instead("A backend service built with FastAPI.\n", "What people wish for.\n"),
    ),
    Edit("README.md", at_end(SECTION)),
]
