"""Unit tests of the update tools."""
