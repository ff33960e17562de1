"""Writes a resource of a project: `make resource`."""
