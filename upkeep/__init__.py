"""Keeps the project beside its template: updates it, and says where the two differ."""
