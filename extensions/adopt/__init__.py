"""Brings the template into a repository that exists, and loses nothing of it."""
