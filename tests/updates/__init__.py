"""Tests of updates: a release reaches a project and no line is lost."""
