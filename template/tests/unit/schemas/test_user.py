"""Request bodies of users."""

import pytest
from pydantic import ValidationError

from app.schemas.user import UserCreate

PHRASE = "correct horse"
SURROGATE = "lone \ud800 surrogate"


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "ada@example.com"},
        {"email": "ada", "password": PHRASE},
        {
            "email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.com",
            "password": PHRASE,
        },
        {"email": "ada@example.com", "password": "x" * 7},
        {"email": "ada@example.com", "password": "x" * 129},
        {"email": "ada@example.com", "password": SURROGATE},
        {"email": "ada@example.com", "password": PHRASE, "is_active": True},
    ],
)
def test_invalid_user_is_rejected(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        UserCreate.model_validate(fields)


@pytest.mark.parametrize("length", [8, 128])
def test_password_length_has_bounds(length: int) -> None:
    fields = {"email": "ada@example.com", "password": "x" * length}

    user = UserCreate.model_validate(fields)

    assert len(user.password.get_secret_value()) == length


def test_address_has_one_normal_form() -> None:
    fields = {"email": "Ada@XN--MNCHEN-3YA.example", "password": PHRASE}

    assert UserCreate.model_validate(fields).email == "ada@münchen.example"


def test_password_is_not_part_of_the_repr() -> None:
    fields = {"email": "ada@example.com", "password": PHRASE}

    assert PHRASE not in repr(UserCreate.model_validate(fields))
