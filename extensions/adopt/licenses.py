"""Recognises the license of a repository by its files and its declarations."""

import re

from extensions.adopt.evidence import Evidence

FILES = tuple(
    f"{name}{ending}"
    for name in ("LICENSE", "LICENCE", "COPYING", "UNLICENSE", "license")
    for ending in ("", ".txt", ".md", ".rst")
)
# What the beginning of a license contains; the first that matches. The licenses of GNU
# mention one another below their titles, and the BSD license reserves all rights.
TEXTS = {
    r"\A.{0,300}GNU AFFERO GENERAL PUBLIC LICENSE": "AGPL-3.0",
    r"\A.{0,300}GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2": "LGPL-2.1",
    r"\A.{0,300}GNU LESSER GENERAL PUBLIC LICENSE": "LGPL-3.0",
    r"\A.{0,300}GNU GENERAL PUBLIC LICENSE\s+Version 2": "GPL-2.0",
    r"\A.{0,300}GNU GENERAL PUBLIC LICENSE": "GPL-3.0",
    r"Mozilla Public License": "MPL-2.0",
    r"European Union Public Licen[cs]e": "EUPL-1.2",
    r"Business Source License": "BUSL-1.1",
    r"Apache License": "Apache-2.0",
    r"MIT License|Permission is hereby granted, free of charge": "MIT",
    r"Neither the name|names? of its contributors": "BSD-3-Clause",
    r"Redistribution and use in source and binary forms": "BSD-2-Clause",
    r"Permission to use, copy, modify,? and/or distribute": "ISC",
    r"free and unencumbered software": "Unlicense",
    r"All rights reserved|proprietary|confidential": "proprietary",
}
# Names in declarations and classifiers, in capitals.
NAMES = {
    r"AFFERO|AGPL": "AGPL-3.0",
    r"LESSER|LGPL": "LGPL-3.0",
    r"GPL.*2|GENERAL PUBLIC LICENSE.*V2": "GPL-2.0",
    r"GPL|GENERAL PUBLIC": "GPL-3.0",
    r"MPL|MOZILLA": "MPL-2.0",
    r"EUPL|EUROPEAN UNION": "EUPL-1.2",
    r"APACHE": "Apache-2.0",
    r"\bMIT\b": "MIT",
    r"BSD.*2|2.*BSD": "BSD-2-Clause",
    r"BSD": "BSD-3-Clause",
    r"\bISC\b": "ISC",
    r"UNLICENSE": "Unlicense",
    r"PROPRIETARY|COMMERCIAL|ALL RIGHTS RESERVED": "proprietary",
}
UNKNOWN = "unknown"

Found = tuple[str, str]


def licenses(evidence: Evidence) -> list[Found]:
    """Return each license that a file or a declaration names, and where."""
    found: list[Found] = []
    if name := evidence.has(*FILES):
        text = re.sub(r"\s+", " ", evidence.text(name)[:4000])
        found.append((_first(TEXTS, text), name))
    declared, where = evidence.project("license")
    if isinstance(declared, dict):
        declared = declared.get("text", "")
    kinds = [
        one for one in evidence.project("classifiers")[0] or [] if "License ::" in one
    ]
    for words, place in (
        (declared, where),
        (" ".join(kinds), "pyproject.toml, classifiers"),
        (evidence.setup.get("metadata", "license", fallback=""), "setup.cfg"),
        (
            "".join(
                re.findall(
                    r"license\s*=\s*(\"[^\"]+|'[^']+)", evidence.text("setup.py")
                )
            ),
            "setup.py",
        ),
    ):
        if words:
            found.append((_first(NAMES, str(words).upper()), place))
    return found


def _first(known: dict[str, str], text: str) -> str:
    """Return the license of the first pattern that matches."""
    matching = (it for pattern, it in known.items() if re.search(pattern, text, re.I))
    return next(matching, UNKNOWN)
