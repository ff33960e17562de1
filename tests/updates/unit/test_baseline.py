"""The baseline: the reasons that Copier gives when it fails."""

import pytest

from upkeep import baseline


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("gh:me/it", "https://github.com/me/it.git"),
        ("gl:/me/it.git", "https://gitlab.com/me/it.git"),
        ("git+file:///me/it", "file:///me/it"),
        ("/me/it", "/me/it"),
    ],
)
def test_unknown_release_is_reported_with_the_address_of_the_template(
    source: str, address: str
) -> None:
    reason = baseline.reason("ValueError: Unknown revision: 'v9'", source)

    assert reason.startswith(f"the template has no v9: git ls-remote --tags {address} ")


def test_other_failure_is_reported_by_its_last_line() -> None:
    assert baseline.reason("a\n| fatal: b |\nc\n", "x") == "Copier: fatal: b"
    assert baseline.reason("a\nb\n", "x") == "Copier: b"
