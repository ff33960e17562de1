"""The distributions, files and addresses that indicate an answer."""

import re
from typing import Any

# For each question: the answers, and the names that indicate them.
Speaking = dict[str, dict[Any, tuple[str, ...]]]

# Distributions. A driver of a database comes before those that tests use.
LIBRARIES: Speaking = {
    "database": {
        "mysql": (
            "aiomysql",
            "asyncmy",
            "pymysql",
            "mysqlclient",
            "mysql-connector-python",
        ),
        "mongodb": ("motor", "pymongo", "beanie", "odmantic"),
        "mssql": ("pyodbc", "aioodbc", "pymssql"),
        "oracle": ("oracledb", "cx-oracle"),
        "postgresql": (
            *("asyncpg", "psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary"),
            *("pg8000", "aiopg"),
        ),
        "sqlite": ("aiosqlite",),
    },
    "orm": {
        "sqlmodel": ("sqlmodel",),
        "sqlalchemy": ("sqlalchemy",),
        "tortoise": ("tortoise-orm",),
        "peewee": ("peewee", "peewee-async"),
        "ormar": ("ormar",),
        "piccolo": ("piccolo",),
        "beanie": ("beanie",),
    },
    "logging": {"structlog": ("structlog",), "stdlib": ("python-json-logger",)},
    "auth": {True: ("pyjwt", "python-jose", "passlib", "pwdlib", "fastapi-users")},
}
# Addresses of databases in examples of settings.
ADDRESSES = re.compile(
    r"\b(mysql|mariadb|mongodb|mssql|oracle|postgres(?:ql)?|sqlite)(?:\+\w+)?://"
)
ADDRESS_FILES = (
    *(".env.example", ".env.sample", ".env.template", "env.example", "alembic.ini"),
    *("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"),
)
SAME = {"mariadb": "mysql", "postgres": "postgresql"}
# Files.
FILES: Speaking = {
    "package_manager": {
        "uv": ("uv.lock",),
        "poetry": ("poetry.lock",),
        "pdm": ("pdm.lock",),
        "pipenv": ("Pipfile",),
    },
    "docker": {
        True: ("Dockerfile", "docker-compose.yml", "compose.yaml", "compose.yml")
    },
    "ci": {"github": (".github/workflows",), "gitlab": (".gitlab-ci.yml",)},
}
