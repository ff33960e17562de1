"""The update tools, module by module."""
