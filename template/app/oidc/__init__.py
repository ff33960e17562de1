"""OpenID Connect: providers, their keys and tokens, and logins that have begun."""
