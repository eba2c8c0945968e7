"""Secrets where none belong are refused by their name, and never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import load_settings
from engine.environment import is_production
from engine.errors import ConfigError
from engine.stray_secrets import refuse_in_environment, refuse_in_file
from engine.strength import weakness_of

STRONG = "kW9xT2mVb7QpLs4d"
PRODUCTION = {"ENVIRONMENT": "production"}
PATH = Path("config.toml")


@pytest.mark.parametrize(
    "name",
    ["JWT_SECRET_KEY", "APCA_API_SECRET_KEY", "ADMIN_PASSWORD", "REDIS_PASSWORD", "TOUCHLINE_PASSPHRASE", "BINANCE_APIKEY"],
)  # fmt: skip
def test_in_production_a_secret_in_a_variable_is_refused_by_its_name_alone(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        refuse_in_environment({**PRODUCTION, name: STRONG})
    assert f"the environment variable {name} holds a secret, and this is production" in str(refused.value)
    assert STRONG not in str(refused.value)
    refuse_in_environment({name: STRONG})


def test_a_password_in_an_address_is_a_secret_too() -> None:
    for value in (f"redis://desk:{STRONG}@cache:6379/0", f"rediss://:{STRONG}@cache"):
        with pytest.raises(ConfigError, match="REDIS_URL holds a secret"):
            refuse_in_environment({**PRODUCTION, "REDIS_URL": value})
        with pytest.raises(ConfigError, match=r"redis\.url holds a secret"):
            refuse_in_file({"redis": {"url": value}}, PATH, production=True)
    refuse_in_environment({**PRODUCTION, "REDIS_URL": "redis://cache:6379/0", "TOUCHLINE_X": "http://[bad"})


@pytest.mark.parametrize(
    "surroundings",
    [
        {"GITHUB_TOKEN": STRONG},
        {"TOUCHLINE_HOME": "/srv/touchline"},
        {"TOUCHLINE_KEY_FILE": "/srv/keys"},
        {"JWT_SECRET_KEY": ""},
        {"": STRONG, "_": STRONG},
    ],
)
def test_what_is_no_secret_or_not_meant_for_us_is_left_alone(surroundings: dict[str, str]) -> None:
    refuse_in_environment({**PRODUCTION, **surroundings})


@pytest.mark.parametrize(
    "value", ["changeme", "Password1234!", "admin", "your-secret-key", "aaaaaaaaaaaaaaaaaaaa"]
)
def test_a_weak_secret_is_refused_everywhere(value: str) -> None:
    with pytest.raises(ConfigError, match="holds a secret that is too weak") as outside:
        refuse_in_environment({"JWT_SECRET": value})
    with pytest.raises(ConfigError, match="holds a secret that is too weak") as inside:
        refuse_in_file({"venues": {"acme": {"apiSecret": value}}}, PATH, production=False)
    assert value not in f"{outside.value} {inside.value}"


def test_a_secret_in_a_file_is_refused_in_production_by_its_dotted_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[venues.ccxt.exchanges.kraken]\napiKey = "{STRONG}"\n', encoding="utf-8")
    load_settings(path)
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(ConfigError, match=r"venues\.ccxt\.exchanges\.kraken\.apiKey holds a secret") as told:
        load_settings(path)
    assert STRONG not in str(told.value)
    monkeypatch.setenv("TOUCHLINE_TOKEN", STRONG)
    with pytest.raises(ConfigError, match="TOUCHLINE_TOKEN"):
        load_settings(None)


def test_secrets_in_lists_are_found_and_places_of_secrets_are_not_secrets() -> None:
    with pytest.raises(ConfigError, match=r"a\.tokens\.b\.token"):
        refuse_in_file({"a": {"tokens": {"b": [{"token": STRONG}]}}}, PATH, production=True)
    refuse_in_file(
        {"backup": {"key_file": "/srv/keys"}, "keep": 4, "account": {"live": True}}, PATH, production=True
    )


@pytest.mark.parametrize(
    ("said", "strict"),
    [("production", True), (" Prod ", True), ("prodution", True), ("dev", False), ("", False)],
)
def test_a_slip_of_the_finger_is_production(said: str, strict: bool) -> None:
    assert is_production({"ENVIRONMENT": said}) is strict


def test_production_is_not_assumed() -> None:
    assert not is_production({})


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ("elevenchars", True),
        ("passwordpassword", True),
        ("P@ssw0rd2026!!", True),
        ("correct horse battery staple", True),
        ("qwertyuiop123456", True),
        ("abcabcabcabcabcabc", True),
        ("x" * 2000, True),
        ("seven grey geese over Hull", False),
        ("Kj8#mPq2vX9w", False),
        ("пять серых гусей над рекой", False),
    ],
)
def test_how_easily_a_secret_is_guessed(text: str, weak: bool) -> None:
    assert bool(weakness_of(text)) is weak
    assert text not in weakness_of(text)
