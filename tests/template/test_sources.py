"""The source files of the template follow their rules. Nothing is rendered here."""

import pytest

from extensions import reserved
from extensions.questions import ROOT, documents
from tests.support.conditional_files import (
    ANSWERS_TEMPLATE,
    MAX_PYTHON_CONDITIONS,
    block_problems,
    conditional_alternatives,
    conditional_files,
    file_problems,
    files,
    parse,
    plain_problems,
)

TRUST = ("_tasks", "_jinja_extensions", "_migrations")
CONDITIONAL = conditional_files() | conditional_alternatives()


def test_there_are_conditional_files() -> None:
    assert "app/main.py" in CONDITIONAL


@pytest.mark.parametrize("name", CONDITIONAL)
def test_conditional_file_parses_before_it_is_rendered(name: str) -> None:
    parse(name, CONDITIONAL[name])


@pytest.mark.parametrize("name", CONDITIONAL)
def test_blocks_of_conditional_file_are_flat_and_short(name: str) -> None:
    assert block_problems(CONDITIONAL[name]) == []


@pytest.mark.parametrize("name", CONDITIONAL)
def test_conditional_file_keeps_its_budget_of_conditions(name: str) -> None:
    assert file_problems(name, CONDITIONAL[name]) == []


def test_plain_files_contain_no_jinja() -> None:
    found = {
        name: problems
        for name, text in files()
        if not name.endswith(".jinja") and (problems := plain_problems(text))
    }

    assert found == {}


def test_no_file_name_is_a_condition() -> None:
    templated = [name for name, _ in files() if "{" in name or "%" in name]

    assert templated == [ANSWERS_TEMPLATE]


def test_no_setting_needs_trust() -> None:
    assert [key for document in documents() for key in document if key in TRUST] == []


def test_copier_yml_contains_settings_only() -> None:
    settings = next(documents())

    assert [key for key in settings if not key.startswith("_")] == []


def test_only_manifests_exclude_paths() -> None:
    owners = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("questions/*.yml")
        if "_exclude:" in path.read_text(encoding="utf-8")
    ]

    assert owners == []


def test_copier_yml_excludes_only_the_old_update_tools() -> None:
    [block] = next(documents()).get("_exclude", [""])
    paths = [line for line in block.splitlines() if not line.lstrip().startswith("#")]

    assert [path for path in paths if not path.startswith("/upkeep")] == []


def test_reserved_names_contain_those_of_this_interpreter() -> None:
    assert reserved.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# {% if auth and docker %}\n# {% endif %}", "names one answer"),
        ("# {% if unheard_of %}\n# {% endif %}", "names one answer"),
        ("# {% if auth %}\n" + "x = 1\n" * 9 + "# {% endif %}", "more than 8 lines"),
        ("# {% if auth %}\n# {% if docker %}\n# {% endif %}", "inside another"),
        ("# {% if auth %}\n# {% else %}\nx = 1\ny = 1\n# {% endif %}", "more than 1 "),
        ("# {% else %}", "inside another"),
        ("# {% raw %}\n# {% endraw %}\n# {% endif %}", "inside another"),
        ("# {% if auth %}\n# {% elif docker %}\n# {% endif %}", "only plain blocks"),
        ("# {% set x = 1 %}", "only plain blocks"),
        ("# {% for x in y %}", "only plain blocks"),
        ("x = 1  # {% if auth %}", "only plain blocks"),
        ("{% if auth %}", "only plain blocks"),
    ],
)
def test_block_that_breaks_a_rule_is_reported(text: str, problem: str) -> None:
    assert problem in block_problems(text, ["auth", "docker"])[0]


def test_else_of_one_line_is_allowed() -> None:
    text = "# {% if auth %}\nx = 1\ny = 1\n# {% else %}\nx = 2\n# {% endif %}"

    assert block_problems(text, ["auth"]) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# {% if auth %}\n# {% endif %}\n" * (MAX_PYTHON_CONDITIONS + 1), "more than"),
        ("x = 1\n", "remove the suffix"),
    ],
)
def test_conditional_file_that_breaks_a_rule_is_reported(
    text: str, problem: str
) -> None:
    assert problem in file_problems("app/api/errors.py", text)[0]


def test_raw_block_may_be_long() -> None:
    text = "# {% raw %}\n" + "x: ${{ y }} {%\n" * 9 + "# {% endraw %}"

    assert block_problems(text) == []


@pytest.mark.parametrize("line", ["x = {{ y }}", "# {% if auth %}"])
def test_jinja_in_plain_file_is_reported(line: str) -> None:
    assert plain_problems(line)


@pytest.mark.parametrize(
    ("name", "text"), [("a.py", "x = {"), ("a.toml", "x = {"), ("a.yaml", "x: {")]
)
def test_conditional_file_that_does_not_parse_is_reported(name: str, text: str) -> None:
    with pytest.raises(Exception, match="."):
        parse(name, text)
