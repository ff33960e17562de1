"""Tests of the template's own files."""
