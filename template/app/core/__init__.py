"""Settings, security, logging and errors. Imports no other layer."""
