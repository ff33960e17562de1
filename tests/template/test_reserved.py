"""Reserved project names are collected completely and never lost."""

import sysconfig
from pathlib import Path

import pytest

from extensions import reserved

PYPROJECT = """\
[project]
name = "{{ project_slug }}"
dependencies = [
    "Fast.API>=1,<2",
    # {% if auth %}
    "pwd_lib[argon2]>=0.3",
    # {% endif %}
]
[dependency-groups]
dev = ["py-test; sys_platform != 'win32'", { include-group = "more" }]
more = ["uvloop"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Create a template with four dependencies, and an empty list of reserved names."""
    for path, text in ((reserved.PYPROJECT, PYPROJECT), (reserved.FILE, "")):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def names(root: Path, key: str = "dependencies") -> set[str]:
    """Read the reserved names."""
    return reserved.read((root / reserved.FILE).read_text(encoding="utf-8"))[key]


def depend_on(root: Path, name: str) -> None:
    """Replace the dependency uvloop by another one."""
    text = PYPROJECT.replace("uvloop", name)
    (root / reserved.PYPROJECT).write_text(text, encoding="utf-8")


def test_every_requirement_is_reserved_in_the_form_of_a_slug(root: Path) -> None:
    reserved.main([], root)

    assert names(root) == {"fast-api", "pwd-lib", "py-test", "uvloop"}


def test_keywords_and_the_standard_library_are_reserved(root: Path) -> None:
    reserved.main([], root)

    assert {"class", "none", "match"} <= names(root, "keywords")
    assert {"json", "py-compile", "zoneinfo"} <= names(root, "stdlib")
    assert [name for name in names(root, "stdlib") if "_" in name] == []


def test_installed_distribution_is_reserved_with_its_import_name(root: Path) -> None:
    reserved.main([sysconfig.get_path("purelib")], root)

    assert {"pyyaml", "yaml", "pytest-xdist", "xdist", "jinja2"} <= names(root)


def test_name_stays_reserved(root: Path) -> None:
    reserved.main([], root)
    depend_on(root, "another")
    reserved.main([], root)

    assert {"another", "uvloop"} <= names(root)


def test_stale_file_is_reported_in_one_line_and_not_changed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reserved.main([], root)
    assert reserved.main(["--check"], root) == 0
    depend_on(root, "another")

    assert reserved.main(["--check"], root) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert "python -m extensions.reserved" in line
    assert "another" not in names(root)
