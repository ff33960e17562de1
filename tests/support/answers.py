"""Answers to the questions, valid and invalid, and their effect."""

TEXTS = ("project_name", "project_description", "author_name")

# The contract: names, order and defaults of the questions.
DEFAULTS = {
    "project_name": "My Service",
    "project_slug": "my-service",
    "project_description": "A backend service built with FastAPI.",
    "author_name": "Your Name",
    "author_email": "you@example.com",
    "repository_url": "https://github.com/example/my-service",
    "license": "MIT",
    "python_version": "3.13",
    "package_manager": "uv",
    "database": "postgresql",
    "orm": "sqlalchemy",
    "type_checker": "mypy",
    "logging": "structlog",
    "auth": True,
    "example": True,
    "docker": True,
    "kubernetes": False,
    "devcontainer": False,
    "telemetry": False,
    "sentry": False,
    "redis": False,
    "idempotency": False,
    "jobs": False,
    "mail": False,
    "roles": False,
    "api_keys": False,
    "oidc": False,
    "ci": "github",
}
CHOICES = {
    "license": ("proprietary", "MIT", "Apache-2.0", "BSD-3-Clause"),
    "python_version": ("3.12", "3.13", "3.14", "3.15"),
    "package_manager": ("uv", "poetry", "pip"),
    "database": ("postgresql", "sqlite"),
    "orm": ("sqlalchemy", "sqlmodel"),
    "type_checker": ("mypy", "pyright", "both"),
    "logging": ("structlog", "stdlib"),
    "ci": ("github", "gitlab", "none"),
}
SWITCHES = [name for name, default in DEFAULTS.items() if isinstance(default, bool)]

# Texts that every text question refuses, with a part of the error message.
EMPTY = ["", " ", "\t", "\n", "\u00a0", "\u3000", "\u200d", "\ufe0f"]
UNTRIMMED = [" My Service", "My Service ", "My Service\n", "\tMy Service", "\u2003a"]
UNPRINTABLE = {
    "line feed": "My\nService",
    "carriage return": "My\rService",
    "tab": "My\tService",
    "null": "My\0Service",
    "escape": "My\x1b[31mService",
    "delete": "My\x7fService",
    "next line": "My\x85Service",
    "line separator": "My\u2028Service",
    "paragraph separator": "My\u2029Service",
    "right-to-left override": "My\u202eService",
    "isolate": "My\u2066Service",
    "right-to-left mark": "My\u200fService",
    "zero-width space": "My\u200bService",
    "byte order mark": "My\ufeffService",
    "filler": "My\u3164Service",
    "replacement": "My\ufffdService",
    "private use": "My\ue000Service",
    "tag": "My\U000e0041Service",
    "lone surrogate": "My\ud800Service",
    "undecodable byte": "My\udcffService",
}
REFUSED_TEXTS = [
    *[(text, "is empty: enter ") for text in EMPTY],
    *[(text, "starts or ends with white space: enter ") for text in UNTRIMMED],
    *[(text, "cannot be printed: enter ") for text in UNPRINTABLE.values()],
]

TAKEN = {
    "app": "the project itself",
    "test": "the project itself",
    "tests": "the project itself",
    "class": "a Python keyword",
    "none": "a Python keyword",
    "match": "a Python keyword",
    "json": "a module of the standard library",
    "py-compile": "a module of the standard library",
    "fastapi": "a dependency of the project",
    "pydantic-settings": "a dependency of the project",
    "pytest": "a dependency of the project",
    "starlette": "a dependency of the project",
    "alembic": "a dependency of the project",
    "jwt": "a dependency of the project",
    "con": "a device on Windows",
}
MISSPELLED_SLUGS = [
    *["", " ", "-", "a-", "-a", "a--b", "1a", "A", "My-Service", "a_b", "a.b", "a b"],
    *["a/b", "../a", "a\n", "é", "服务", "a" * 64, "{{ x }}", "a;b", "$a", "a\ud800"],
]
BAD_EMAILS = [
    *["", "ann", "ann@", "@example.com", "ann@localhost", "ann@example", "a@b.c"],
    *["ann@example..com", "ann..lee@example.com", ".ann@example.com"],
    *["ann.@example.com", "ann@-example.com", "ann@example-.com", "ann@127.0.0.1"],
    *["ann@exa_mple.com", "ann@@example.com", "ann@example.com.", "ann@bücher.example"],
    *["Ann <ann@example.com>", '"ann"@example.com'],
    *[
        "ann lee@example.com",
        "ann@example.com\n",
        " ann@example.com",
        "a,b@example.com",
    ],
    *["ann@example.com;b", "ann\\@example.com", "{{ x }}@example.com"],
    *["a" * 65 + "@example.com", "a@" + "b." * 124 + "example"],
]
BAD_URLS = [
    *["", "github.com/a/b", "http://github.com/a/b", "ssh://git@github.com/a/b"],
    *[
        "git@github.com:a/b.git",
        "https://github.com",
        "https://github.com/",
        "https:///a",
    ],
    *["https://github.com/a/", "https://github.com//a", "https://github.com/../a"],
    "https://me:secret@github.com/a",  # pragma: allowlist secret
    "https://me@github.com/a",
    *["https://github.com/a?b=c", "https://github.com/a#b", "https://github.com/a b"],
    *["https://github.com/a\n", " https://github.com/a", "https://git_hub.com/a"],
    *["https://github.com:x/a", "https://-github.com/a", "https://github..com/a"],
    *[f"https://github.com/a{sign}b" for sign in "\"'\\$`<({[*|;&%@é\x7f"],
]
# Question, answer, part of the error message. One rule holds for all texts.
REFUSED = [
    *[("project_name", text, problem) for text, problem in REFUSED_TEXTS],
    *[(name, text, why) for name in TEXTS[1:] for text, why in REFUSED_TEXTS[::11]],
    *[("project_slug", slug, f"is the name of {who}: ") for slug, who in TAKEN.items()],
    *[("project_slug", slug, "at most 63 lowercase") for slug in MISSPELLED_SLUGS],
    *[("author_email", text, "you@example.com") for text in BAD_EMAILS],
    *[("repository_url", url, "https://github.com/example/") for url in BAD_URLS],
    *[("license", name, "'BSD-3-Clause']") for name in ("GPL-3.0", "mit", "")],
    *[("python_version", name, "'3.15']") for name in ("3.11", "3", "")],
    *[("package_manager", name, "'pip']") for name in ("conda", "UV", "")],
    *[("database", name, "'sqlite']") for name in ("mysql", "postgres", "")],
    *[("orm", name, "'sqlmodel']") for name in ("django", "SQLAlchemy", "")],
    *[("type_checker", name, "'both']") for name in ("ty", "none", "")],
    *[("logging", name, "'stdlib']") for name in ("loguru", "none", "")],
    *[("ci", name, "'none']") for name in ("jenkins", "GitHub Actions", "")],
    *[(name, "maybe", "enter yes or no") for name in SWITCHES],
]

ACCEPTED = {
    "project_slug": ["a", "a1", "a-1-b", "a" * 63, "testing", "my-app"],
    "author_email": [
        "ann.lee+x@mail.example.co.uk",
        "a_b-c@x-1.io",
        "o'brien@example.com",
        "shop/orders=eu!a&b|c~d@example.com",
        "a@xn--a-1.example",
    ],
    "repository_url": [
        "https://github.com/a/b.git",
        "https://git.example.com:8443/group/sub-group/my_repo",
        "https://git.sr.ht/~ann/my-service",
        "https://gitlab/a/b",
    ],
}

# Names and the slugs that are derived from them.
SLUGS = {
    "My Service": "my-service",
    "  My--Service!  ".strip(): "my-service",
    "Ann's Café: Größe Łódź": "anns-cafe-grosse-lodz",
    "Cafe\u0301": "cafe",
    "注文": "my-service",
    "🚀": "my-service",
    "注文 API": "api",
    "3D Printing": "my-3d-printing",
    "{{ 7 * 7 }}": "my-7-7",
    "Test": "my-test",
    "FastAPI": "my-fastapi",
    "py_compile": "my-py-compile",
    "x" * 62 + " y": "x" * 62,
    "1" * 80: "my-" + "1" * 60,
}

# Texts with a meaning in some language: each is rendered unchanged.
NASTY = [
    'She wrote "no", it\'s \\ a \\n back\\\\slash\\',
    "{{ project_slug }} {% raw %} # {% if x %} {# gone #} ${{ secrets.X }} %(here)s",
    "注文サービス 山田　太郎 می‌خواهم עברית Größe",
    "👩‍💻 ❤️ 葛\U000e0100城",
    "# heading *bold* _it_ `code` [a](b) <b>x</b> &amp; ~~no~~ | $x$ a_b C#",
    "- : yes, {a: b} & *c !d %e @f #g > |h ? i = 1 '' \"\"",
    '"""',
    "'''\"",
    "null",
    "3.10",
    "0x1F",
    "=",
    "!include x",
    "word " * 60 + "end",
    "z" * 300,
]
MARKDOWN = {
    "My Service": "My Service",
    "Ann's snake_case C# & R&D, 2 < 3": "Ann's snake_case C# & R&D, 2 < 3",
    "*a* _b_ `c`": "\\*a\\* \\_b\\_ \\`c\\`",
    "[a](b) <b>": "\\[a\\](b) \\<b>",
    "a &amp; b \\": "a \\&amp; b \\\\",
    "# a #": "\\# a \\#",
    "12. a": "12\\. a",
    "- a": "\\- a",
}
