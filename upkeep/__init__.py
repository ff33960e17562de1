"""The tools of projects: update to a release, report drift, write a resource.

They are run from a clone of a release, in the folder of a project, as
`python CLONE/upkeep COMMAND`; the project's `upkeep.py` makes the clone. Start with
`update`, `drift` and `resource`.
"""
