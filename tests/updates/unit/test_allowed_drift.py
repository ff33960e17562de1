from pathlib import Path

import pytest

from upkeep import allowed_drift,
from upkeep.git import RefusedError


def written(folder: Path, text: str) -> Path:
    file = folder / "drift.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_reason_is_found_for_a_path_and_for_a_star(tmp_path: Path) -> None:
    text = "[{path: a.py, reason: ours}, {path: docs/*, reason: told elsewhere}]"
    reasons = allowed_drift.read(written(tmp_path, text))

    assert reasons.of("a.py") == "ours"
    assert reasons.of("docs/b/c.md") == "told elsewhere"
    assert reasons.of("b.py") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[{path: a.py}]", "[0].reason: is missing"),
        ("[{path: a.py, reason: ' '}]", "[0].reason: is missing"),
        ("[{path: a.py, reason: x, until: y}]", "[0].until: is not known"),
        ("[a.py]", "[0]: is not a path"),
        ("path: a.py", "file: is no list"),
        ("[", "file: while parsing"),
    ],
)
def test_a_wrong_list_is_refused_with_its_key(
    text: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError) as refused:
        allowed_drift.read(written(tmp_path, text))

    assert words in str(refused.value)
