"""Secrets where none belong: in environment variables and in settings files, which other programs and backups see.

In production one is refused, by its name and never by its value. Elsewhere one is refused that is easily guessed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from engine.environment import is_production
from engine.errors import ConfigError
from engine.strength import weakness_of

_OURS = frozenset(
    {
        "ADMIN",
        "ALPACA",
        "APCA",
        "BACKUP",
        "BINANCE",
        "COINBASE",
        "JWT",
        "KRAKEN",
        "REDIS",
        "SESSION",
        "TOUCHLINE",
        "VAULT",
    }
)
"""What a variable begins with that is meant for this program."""
_SECRET = frozenset(
    {"credential", "credentials", "key", "passphrase", "passwd", "password", "pin", "secret", "token"}
)
_NOT_ITSELF = frozenset({"descriptor", "file", "folder", "name", "path", "ttl"})
"""What a name ends with that says where a secret is, or something about it."""
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_INSTEAD = "keep it in the keyring or the vault: touchline credentials add, touchline setup"


def refuse_in_environment(surroundings: Mapping[str, str] | None = None) -> None:
    """Look for secrets among the environment variables.

    Raises:
        ConfigError: there is one, and this is production or it is easily guessed.
    """
    around = os.environ if surroundings is None else surroundings
    for name, value in sorted(around.items()):
        words = _words(name)
        if words and words[0].upper() in _OURS and _holds_secret(words, value):
            _judge(f"the environment variable {name}", value, production=is_production(around))


def refuse_in_file(values: Mapping[str, object], path: Path, *, production: bool | None = None) -> None:
    """Look for secrets among the settings of a file.

    Raises:
        ConfigError: there is one, and this is production or it is easily guessed.
    """
    strict = is_production() if production is None else production
    for name, value in _settings(values):
        if _holds_secret(_words(name.rpartition(".")[2]), value):
            _judge(f"{path}: {name}", value, production=strict)


def secrets_in_values(values: Mapping[str, object]) -> Iterator[str]:
    """Yield each secret among settings, the password of an address too."""
    for name, value in _settings(values):
        if _holds_secret(_words(name.rpartition(".")[2]), value):
            yield _password_in(value) or value


def secrets_in_environment(surroundings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield each secret among the environment variables, whoever it is meant for."""
    for name, value in (os.environ if surroundings is None else surroundings).items():
        if _holds_secret(_words(name), value):
            yield _password_in(value) or value


def _settings(values: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting that is a text, with its dotted name."""
    if isinstance(values, str):
        yield name, values
    elif isinstance(values, Mapping):
        for key, value in values.items():
            yield from _settings(value, f"{name}.{key}" if name else str(key))
    elif isinstance(values, list):
        for value in values:
            yield from _settings(value, name)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _holds_secret(words: list[str], value: str) -> bool:
    if not value:
        return False
    if _password_in(value):
        return True
    named = any(word in _SECRET or word.removeprefix("api") in _SECRET for word in words)
    return named and words[-1] not in _NOT_ITSELF


def _password_in(value: str) -> str:
    """Return the password in an address, empty where there is none."""
    try:
        return (urlsplit(value).password or "") if "://" in value else ""
    except ValueError:
        return ""


def _judge(where: str, value: str, *, production: bool) -> None:
    if production:
        raise ConfigError(f"{where} holds a secret, and this is production; {_INSTEAD}")
    if weakness := weakness_of(_password_in(value) or value):
        raise ConfigError(f"{where} holds a secret that is too weak: {weakness}; {_INSTEAD}")
