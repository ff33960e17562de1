"""Support modules of the tests."""
