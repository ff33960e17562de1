"""Technique: settings, database, logging, errors. Knows no other room."""
