"""The template's sources keep their own rules; nothing is rendered here."""

import pytest

from extensions import reserved
from extensions.questions import ROOT, documents
from tests.house.seams import (
    ANSWERS_SEAM,
    SEAMS,
    block_problems,
    files,
    parse,
    plain_problems,
    seams,
)

TRUST = ("_tasks", "_jinja_extensions", "_migrations")


def test_conditions_stand_in_the_closed_list_of_seams_only() -> None:
    assert set(seams()) == SEAMS


@pytest.mark.parametrize("name", sorted(SEAMS))
def test_a_seam_parses_as_what_it_will_be(name: str) -> None:
    parse(name, seams()[name])


@pytest.mark.parametrize("name", sorted(SEAMS))
def test_the_blocks_of_a_seam_are_flat_and_short(name: str) -> None:
    assert block_problems(seams()[name]) == []


def test_plain_files_hold_no_jinja() -> None:
    found = {
        name: problems
        for name, text in files()
        if not name.endswith(".jinja") and (problems := plain_problems(text))
    }

    assert found == {}


def test_no_file_name_is_a_condition() -> None:
    templated = [name for name, _ in files() if "{" in name or "%" in name]

    assert templated == [ANSWERS_SEAM]


def test_nothing_asks_for_trust() -> None:
    assert [key for document in documents() for key in document if key in TRUST] == []


def test_copier_yml_holds_settings_only() -> None:
    settings = next(documents())

    assert [key for key in settings if not key.startswith("_")] == []


def test_only_features_own_paths() -> None:
    owners = [
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "copier.yml", *ROOT.glob("questions/*.yml")]
        if "_exclude:" in path.read_text(encoding="utf-8")
    ]

    assert owners == []


def test_the_reserved_names_are_those_of_this_interpreter() -> None:
    assert reserved.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# {% if auth and docker %}\n# {% endif %}", "names one answer"),
        ("# {% if unheard_of %}\n# {% endif %}", "names one answer"),
        ("# {% if auth %}\n" + "x = 1\n" * 9 + "# {% endif %}", "more than 8 lines"),
        ("# {% if auth %}\n# {% if docker %}\n# {% endif %}", "inside another"),
        ("# {% else %}\n# {% if auth %}\n# {% endif %}", "outside of an `if`"),
        ("# {% set x = 1 %}", "only plain blocks"),
        ("# {% for x in y %}", "only plain blocks"),
        ("x = 1  # {% if auth %}", "only plain blocks"),
        ("{% if auth %}", "only plain blocks"),
    ],
)
def test_a_block_that_breaks_a_rule_is_found(text: str, problem: str) -> None:
    assert problem in block_problems(text, ["auth", "docker"])[0]


def test_a_raw_block_may_be_long() -> None:
    text = "# {% raw %}\n" + "x: ${{ y }} {%\n" * 9 + "# {% endraw %}"

    assert block_problems(text) == []


@pytest.mark.parametrize("line", ["x = {{ y }}", "# {% if auth %}"])
def test_jinja_in_a_plain_file_is_found(line: str) -> None:
    assert plain_problems(line)


@pytest.mark.parametrize(
    ("name", "text"), [("a.py", "x = {"), ("a.toml", "x = {"), ("a.yaml", "x: {")]
)
def test_a_seam_that_does_not_parse_is_found(name: str, text: str) -> None:
    with pytest.raises(Exception, match="."):
        parse(name, text)
