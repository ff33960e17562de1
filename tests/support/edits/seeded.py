"""Edits of seeded files, which updates never change."""

from tests.support.edits.edit import Edit, at_end, instead

WAIVER = "- rule: DOC-01\n  reason: the next milestone\n  until: 2099-01-31\n"

EDITS = [
    Edit("CHANGELOG.md", at_end("- People can wish.\n")),
    Edit("standards/waivers.yml", instead("[]\n", WAIVER)),
    Edit("standards/own/rules.yml", instead("{}\n", "rules: []\n")),
]
