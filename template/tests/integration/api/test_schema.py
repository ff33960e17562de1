"""Generated requests: the responses are those that the OpenAPI schema documents."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from fastapi import FastAPI
from hypothesis import assume, given
from hypothesis.strategies import SearchStrategy, one_of
from schemathesis import BaseSchema, Case, GenerationMode

from tests.support.fuzzing import FUZZING, IS_THOROUGH, load_schema

# Code that only a generated request reaches is not covered by a test; tracing is slow.
pytestmark = pytest.mark.no_cover

# A run tests one in three boundary values, a thorough one tests all of them.
STEP = 1 if IS_THOROUGH else 3
# Rejected, which a schema can not express: special-use domains, times that are outside
# of the years 1 to 9999 in UTC, invisible characters above U+FFFF, and joiners without
# effect (`repr` escapes most of them).
UNDOCUMENTED = re.compile(
    rf"@.*\.({'|'.join(SPECIAL_USE_DOMAIN_NAMES)})\b"
    r"|0001-01-01T|9999-12-31T|\\U000(e0|1d)|\\u200[cd]|[\ufe00-\ufe0f]",
    re.I,
)


@pytest.fixture(scope="module")
def schema(committing_app: FastAPI) -> Iterator[BaseSchema]:
    """The schema of the application."""
    yield from load_schema(committing_app)


def test_boundary_values_of_the_schema_are_accepted_or_rejected(
    schema: Any, caller_headers: dict[str, str]
) -> None:
    operations = [operation for path in schema.values() for operation in path.values()]
    for operation in operations:
        cases = schema.iter_coverage_cases(
            operation,
            generation_modes=[*GenerationMode],
            generation_config=schema.config.generation,
        )
        for case in islice(cases, 0, None, STEP):
            case.call_and_validate(headers=caller_headers)


def test_generated_requests_get_documented_responses(
    schema: BaseSchema, caller_headers: dict[str, str]
) -> None:
    requests: list[SearchStrategy[Case[Any]]] = [
        schema.as_strategy(generation_mode=mode) for mode in GenerationMode
    ]

    @FUZZING
    @given(one_of(requests))
    def has_documented_response(case: Case[Any]) -> None:
        assume(not UNDOCUMENTED.search(f"{case.body!r} {case.query!r}"))
        case.call_and_validate(headers=caller_headers)

    has_documented_response()
