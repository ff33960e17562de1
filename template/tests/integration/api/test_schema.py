"""The service keeps to the schema that it publishes, whatever it is sent."""

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

from tests.searches import LONGER, SEARCH, published

# What a search happens to reach is no coverage; and to trace it takes thrice the time.
pytestmark = pytest.mark.no_cover

# Of the edges each run tries one in three, a longer search every one.
STEP = 1 if LONGER else 3
# An address below a name like .test is refused, and schemas have no word for that.
UNSAID = re.compile(rf"@.*\.({'|'.join(SPECIAL_USE_DOMAIN_NAMES)})\b", re.I)


@pytest.fixture(scope="module")
def schema(committing: FastAPI) -> Iterator[BaseSchema]:
    """What is published, and who answers for it."""
    yield from published(committing)


def test_the_edges_of_the_schema_are_where_it_says(
    schema: Any, credentials: dict[str, str]
) -> None:
    operations = [operation for path in schema.values() for operation in path.values()]
    for operation in operations:
        cases = schema.iter_coverage_cases(
            operation,
            generation_modes=[*GenerationMode],
            generation_config=schema.config.generation,
        )
        for case in islice(cases, 0, None, STEP):
            case.call_and_validate(headers=credentials)


def test_whatever_is_sent_is_answered_as_published(
    schema: BaseSchema, credentials: dict[str, str]
) -> None:
    requests: list[SearchStrategy[Case[Any]]] = [
        schema.as_strategy(generation_mode=mode) for mode in GenerationMode
    ]

    @SEARCH
    @given(one_of(requests))
    def is_answered(case: Case[Any]) -> None:
        assume(not UNSAID.search(f"{case.body!r}"))
        case.call_and_validate(headers=credentials)

    is_answered()
