"""Updates many projects to a release of the template, and reports their state."""
