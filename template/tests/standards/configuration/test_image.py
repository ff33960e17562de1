"""The image is built in stages, and is small and secure by its shape."""

import re
from pathlib import Path

DOCKERFILE = (Path(__file__).parents[3] / "Dockerfile").read_text(encoding="utf-8")
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]


def test_what_runs_is_copied_from_the_stage_that_built_it() -> None:
    named = re.findall(r"^\S+ AS (\w+)$", "\n".join(STAGES[:-1]), re.MULTILINE)
    copied = re.findall(r"^COPY --from=(\w+)", STAGES[-1], re.MULTILINE)

    assert copied and set(copied) <= set(named), "TOOL-02: one stage builds and runs"


def test_what_runs_is_no_root_on_a_slim_system() -> None:
    last = STAGES[-1]

    assert re.match(r"\S+-(slim|alpine)\b", last), "TOOL-03: the base is not slim"
    assert re.search(r"^USER [1-9]\d*", last, re.MULTILINE), "TOOL-03: root runs it"
