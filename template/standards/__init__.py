"""The standard as data, and what reports on it."""
