"""The rules: they flush and never commit, and they know nothing of HTTP."""
