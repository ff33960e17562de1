"""URLs of PostgreSQL, in the forms that platforms and other drivers use."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr
from sqlalchemy import URL

from app.core.database_url import read_url

DRIVER = "postgresql+asyncpg"
DRIVERS = ("postgres", "postgresql", DRIVER)
CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
# Parameters of libpq that asyncpg reads: files, texts, and those with few values.
FILES = ("passfile", "sslcert", "sslcrl", "sslkey", "sslrootcert")
TEXTS = ("krbsrvname", "options", "search_path", "sslpassword")
CHOICES = {
    "sslmode": "disable allow prefer require verify-ca verify-full",
    "target_session_attrs": "any primary read-write read-only standby prefer-standby",
}
# Names and values that other drivers use.
RENAMED = {"ssl": "sslmode", "schema": "search_path"}
BOOLEANS = {"true": "require", "false": "disable"}
# Parameters that SQLAlchemy passes on in the right form.
ADDRESS = ("dsn", "host", "port")
# Parameters that `url_settings` reads, and one that asyncpg has no support for: only
# verify-full protects as channel binding does.
SETTINGS = ("application_name", "connect_timeout")
CACHE_SIZES = ("prepared_statement_cache_size", "statement_cache_size")
OTHERS = (*SETTINGS, *CACHE_SIZES, "pgbouncer", "channel_binding")


def is_postgresql(url: URL) -> bool:
    """Return whether the scheme of a URL is one of `DRIVERS`."""
    return url.drivername.lower() in DRIVERS


def url_settings(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings in the parameters of the URL, such as `connect_timeout`.

    `pgbouncer=true`, or a cache of no statements, is a pooler in transaction mode.
    """
    url = variables.get("url")
    text = url.get_secret_value() if isinstance(url, SecretStr) else str(url)
    parsed = read_url(text)
    if parsed is None or not is_postgresql(parsed):
        return {}
    query = {name: str(value) for name, value in parsed.query.items()}
    settings = {name: query[name] for name in SETTINGS if name in query}
    is_pooled = query.get("pgbouncer") == "true"
    if is_pooled or "0" in map(query.get, CACHE_SIZES):
        settings["pooler"] = "transaction"
    return settings


def postgresql_url(url: URL) -> URL:
    """Return the URL as SQLAlchemy and asyncpg need it. Raises ValueError.

    SQLAlchemy passes parameters to asyncpg as keyword arguments. asyncpg reads those of
    libpq only from its argument `dsn`, so they are moved there.
    """
    kept = {name: url.query[name] for name in ADDRESS if name in url.query}
    parameters = {
        RENAMED.get(name, name): str(value)
        for name, value in url.query.items()
        if name not in (*ADDRESS, *OTHERS)
    }
    if "ssl" in url.query:
        mode = parameters["sslmode"].lower()
        parameters["sslmode"] = BOOLEANS.get(mode, mode)
    check_parameters(parameters)
    if parameters:
        kept["dsn"] = f"postgresql://?{urlencode(parameters)}"
    return url.set(drivername=DRIVER, query=kept)


def check_parameters(parameters: Mapping[str, str]) -> None:
    """Raise ValueError if a parameter is unknown, or would fail at each connection."""
    for name, value in parameters.items():
        if name not in (*FILES, *TEXTS, *CHOICES):
            raise ValueError(f"the parameter {name} is not supported: remove it")
        if name in CHOICES and value not in CHOICES[name].split():
            raise ValueError(f"{name} is one of: {CHOICES[name].replace(' ', ', ')}")
        if name in FILES and not os.access(value, os.R_OK):
            raise ValueError(f"{name} is a readable file, such as {CA_FILE}")
    mode = parameters.get("sslmode", "")
    if mode.startswith("verify") and "sslrootcert" not in parameters:
        raise ValueError(f"sslmode={mode} needs a parameter sslrootcert={CA_FILE}")
