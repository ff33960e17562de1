"""Builds the site: the configurator and the documentation."""
