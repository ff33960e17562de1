"""Builds and proves the template; never runs where a project is generated."""
