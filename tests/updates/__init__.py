"""Releases reach projects, and the lines of a project stay."""
