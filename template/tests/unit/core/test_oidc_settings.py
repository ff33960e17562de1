"""Settings of OpenID providers."""

import json

import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.oidc_settings import OidcProvider, OidcSettings

GIVEN = {
    "issuer": "https://id.example.com",
    "client_id": "app",
    "redirect_uri": "https://api.example.com/callback",
}


def test_providers_are_read_from_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps({"corp": GIVEN}))

    assert Settings.read().oidc.providers["corp"].issuer == GIVEN["issuer"]


def test_text_that_is_not_json_is_rejected_by_the_name_of_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OIDC_PROVIDERS", "{hunter2")

    with pytest.raises(SystemExit, match=r"^OIDC_PROVIDERS: Expecting [^{]*$"):
        Settings.read()


@pytest.mark.parametrize(
    "wrong",
    [{"issuer": "id"}, {"redirect_uri": ""}, {"api_audience": "app"}, {"other": "x"}],
)
def test_invalid_provider_is_rejected(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OidcProvider.model_validate(GIVEN | wrong)


@pytest.mark.parametrize("name", ["issuer", "redirect_uri"])
def test_production_requires_tls(name: str) -> None:
    provider = OidcProvider.model_validate(GIVEN | {name: "http://id.example.com"})
    settings = OidcSettings(providers={"corp": provider})

    assert "https://" in settings.production_errors()[0]
