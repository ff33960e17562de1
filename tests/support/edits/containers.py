"""Own services and volumes beside the service."""

from tests.support.edits.edit import Edit, at_end, below

SERVICE = """\
  cache:
    image: redis:8-alpine
    volumes:
      - cache:/data

"""
EDITS = [
    Edit(
        "compose.yaml",
        below("  # -- Your own services below this line. --", SERVICE),
    ),
    Edit("compose.yaml", at_end("  cache:\n")),
]
