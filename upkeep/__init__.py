"""The update tools: update a project to a release of the template, report its drift.

They are run from a clone of a release, in the folder of a project, as
`python CLONE/upkeep COMMAND`; the project's `upkeep.py` makes the clone. Start with
`update` and `drift`.
"""
