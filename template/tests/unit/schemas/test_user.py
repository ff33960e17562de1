"""Which users are taken in."""

import pytest
from pydantic import ValidationError

from app.schemas.user import UserCreate

PHRASE = "correct horse"
HALF = "half \ud800 a phrase"


@pytest.mark.parametrize(
    "members",
    [
        {"email": "ada@example.com"},
        {"email": "ada", "password": PHRASE},
        {
            "email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.com",
            "password": PHRASE,
        },
        {"email": "ada@example.com", "password": "x" * 7},
        {"email": "ada@example.com", "password": "x" * 129},
        {"email": "ada@example.com", "password": HALF},
        {"email": "ada@example.com", "password": PHRASE, "is_active": True},
    ],
)
def test_what_can_not_sign_in_is_refused(members: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        UserCreate.model_validate(members)


@pytest.mark.parametrize("length", [8, 128])
def test_a_phrase_may_be_as_short_and_as_long_as_agreed(length: int) -> None:
    members = {"email": "ada@example.com", "password": "x" * length}

    user = UserCreate.model_validate(members)

    assert len(user.password.get_secret_value()) == length


def test_an_address_is_kept_in_lower_case() -> None:
    members = {"email": "Ada@Example.COM", "password": PHRASE}

    assert UserCreate.model_validate(members).email == "ada@example.com"


def test_a_phrase_is_never_shown() -> None:
    members = {"email": "ada@example.com", "password": PHRASE}

    assert PHRASE not in repr(UserCreate.model_validate(members))
