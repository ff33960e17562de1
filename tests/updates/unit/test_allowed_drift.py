"""Allowed deviations from the template."""

from pathlib import Path

import pytest

from upkeep import allowed_drift
from upkeep.errors import RefusedError

TABLE = "[tool.plumbline.drift]\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upkeep").mkdir()
    return tmp_path


def test_reasons_are_read_from_both_places(project: Path) -> None:
    table = f'{TABLE}"a.py" = "ours"\n"docs/*" = "elsewhere"\n'
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    (project / "upkeep/drift.yml").write_text("[{path: b.py, reason: old}]", "utf-8")
    allowed = allowed_drift.read()

    assert allowed.reason("a.py") == "ours"
    assert allowed.reason("docs/b/c.md") == "elsewhere"
    assert allowed.reason("b.py") == "old"
    assert allowed.reason("c.py") == ""


def test_project_without_a_list_allows_no_deviation() -> None:
    assert allowed_drift.read().entries == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{TABLE}a = ' '", 'tool.plumbline.drift."a" has no reason'),
        (f"{TABLE}a = 1", 'tool.plumbline.drift."a" has no reason'),
        ("tool.plumbline.drift = 1", "is no table"),
        ("tool.plumbline = 1", "is no table"),
        ("[", "pyproject.toml: "),
    ],
)
def test_invalid_table_is_refused(text: str, words: str, project: Path) -> None:
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError) as refused:
        allowed_drift.read()

    assert words in str(refused.value)


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
def test_invalid_drift_list_is_refused(text: str, words: str, project: Path) -> None:
    (project / "upkeep/drift.yml").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError) as refused:
        allowed_drift.read()

    assert words in str(refused.value)
