"""Normal forms of e-mail addresses and passwords."""

import pytest
from pydantic import ValidationError

from app.schemas.user import UserCreate, UserRead, normalize_email
from tests.factories import make_user

PHRASE = "correct horse"
STORED = "user@münchen.example"


def register(email: str = STORED, password: str = PHRASE) -> UserCreate:
    return UserCreate.model_validate({"email": email, "password": password})


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("user@xn--mnchen-3ya.example", STORED),
        ("User@XN--MNCHEN-3YA.Example", STORED),
        ("user@mu\u0308nchen.example", STORED),
        ("USER@MÜNCHEN.EXAMPLE", STORED),
        ("user@\uff4dünchen.example", STORED),
        ("user@münchen\u3002example", STORED),
        (" user@münchen.example\u3000", STORED),
        ("re\u0301ne\u0301@example.com", "réné@example.com"),
        ("RÉNÉ@example.com", "réné@example.com"),
        ("J\u030c@example.com", "ǰ@example.com"),
        ("\u0130@example.com", "i\u0307@example.com"),
        ("ada@xn--fa-hia.example", "ada@faß.example"),
        ("\u212a@example.com", "k@example.com"),
    ],
)
def test_spellings_of_an_address_have_one_normal_form(given: str, stored: str) -> None:
    assert register(given).email == normalize_email(given) == stored
    assert normalize_email(stored) == stored


@pytest.mark.parametrize(
    "email",
    [
        "user@münchen.example.",
        "user@münchen.example\n",
        "user\uff20münchen.example",
        "a\u200bda@example.com",
        "a\u202eda@example.com",
        "ada@exam\xadple.com",
        '"ada"@example.com',
        "ada@[127.0.0.1]",
        "ada@localhost",
        "\ud800@example.com",
        "x\u0315\u0300" * 1000 + "@example.com",
    ],
)
def test_address_without_a_normal_form_is_rejected(email: str) -> None:
    with pytest.raises(ValidationError):
        register(email)

    assert normalize_email(email) == email.lower()


@pytest.mark.parametrize("email", ["root@localhost", "user@xn--mnchen-3ya.example"])
def test_stored_address_of_another_form_is_readable(email: str) -> None:
    row = {"id": make_user().id, "email": email, "created_at": 0}

    assert UserRead.model_validate(row | {"id": "0" * 32}).email == email


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("pa\u0308ssword", "pässword"),
        ("\uff50\uff41\uff53\uff53word", "password"),
        ("pass\xa0\u3000word", "pass  word"),
        ("e\u0301" * 128, "é" * 128),
        ("한글 비밀 번호", "한글 비밀 번호"),
    ],
)
def test_password_has_one_normal_form(given: str, normal: str) -> None:
    assert register(password=given).password.get_secret_value() == normal


@pytest.mark.parametrize(
    "password",
    [
        "e\u0301" * 7,
        "e\u0301" * 129,
        "\ufdfa" * 10,
        "\u0315\u0300" * 400_000,
        "\ud800" * 9,
    ],
    ids=ascii,
)
def test_length_of_the_normal_form_of_a_password_is_limited(password: str) -> None:
    with pytest.raises(ValidationError):
        register(password=password)


@pytest.mark.parametrize("value", [None, 12345678, ["a"] * 8, {}])
def test_password_that_is_no_text_is_rejected(value: object) -> None:
    with pytest.raises(ValidationError):
        UserCreate.model_validate({"email": STORED, "password": value})
