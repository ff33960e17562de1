"""Writes a resource into a project, in every layer: `make resource`.

Start with `command`. `spec` describes a resource, `fields` and `names` read what a
person types, `files` has the code of the layers.
"""

from upkeep.resource.command import main

__all__ = ["main"]
