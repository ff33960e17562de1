"""Adds the template to an existing repository, and loses nothing of it."""
