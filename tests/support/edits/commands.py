"""Own Make targets and hooks."""

from tests.support.edits.edit import Edit, at_end, below

TARGET = """\

.PHONY: wishes
wishes: ## what people would like to have
\t@echo "a lamp"
"""
HOOK = """\
      - id: wishes
        name: wishes
        entry: "true"
        language: system
        pass_filenames: false
"""
EDITS = [
    Edit("Makefile", at_end(TARGET)),
    Edit(
        ".pre-commit-config.yaml",
        below("      # -- Your own hooks below this line. --", HOOK),
    ),
]
