"""Tests of a generated service over HTTP: its contract, its faults, its limits."""
