"""Business rules: one class for each resource. They know nothing of HTTP."""
