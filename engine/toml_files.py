"""TOML files, read and checked by type."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.errors import ConfigError

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it can't be read or is not TOML; the message names the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text, found byte {error.start}") from error
    except (ValueError, RecursionError) as error:  # not TOML, a number with too many digits, or too deep
        raise ConfigError(f"{path}: {error}") from error


def convert_toml(values: dict[str, Any], to: type[T], path: Path) -> T:
    """Check values against a settings type.

    Raises:
        ConfigError: names the setting and what it expects.
    """
    try:
        return msgspec.convert(values, to, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
