"""Whatever holds a secret says nothing of it when it is printed: in a log, an error, a debugger or a list of variables."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import sys
from collections.abc import Iterator

import msgspec
import pytest
from msgspec import Struct

import engine
import terminal
from engine.messages.commands import UnlockDesk
from engine.ports.secrets import Credential
from engine.security.tokens.keys import new_signing_keys
from engine.security.tokens.sessions import Tokens
from engine.store.key_ring import Key
from tests.attack.plants import MARKS, found_in

_SECRET = frozenset({"password", "passphrase", "secret", "private", "token", "access", "refresh", "api_key"})
_NO_SECRETS = {
    "KeyForm",  # says what the halves of a venue's credential are called
}
MARK = MARKS["form"]


def holders() -> Iterator[type]:
    """Yield every record of the program that has a field for a secret, by its name and type."""
    for package in (engine, terminal):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".adapter_contract" in module.name or module.name.endswith("__main__"):
                continue
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and found.__module__ == module.name and _holds_secret(found):
                    yield found


def _holds_secret(found: type) -> bool:
    if issubclass(found, Struct):
        typed = {field.name: field.type for field in msgspec.structs.fields(found)}
    elif issubclass(found, tuple) and hasattr(found, "_fields"):
        typed = dict(found.__annotations__)
    elif dataclasses.is_dataclass(found):
        typed = {field.name: field.type for field in dataclasses.fields(found)}
    else:
        return False
    return any(name in _SECRET and _is_text(kind) for name, kind in typed.items())


def _is_text(kind: object) -> bool:
    """Tell whether a field's type, or what its annotation says of it, is a text, bytes, or a table of them."""
    said = getattr(kind, "__forward_arg__", kind if isinstance(kind, str) else None)
    return kind in {str, bytes} or said in {"str", "bytes"} or "dict[" in f"{said or kind}"


def _says_itself(holder: type) -> bool:
    """Tell whether what is printed of it was written beside it, and not made from its fields."""
    written = vars(holder).get("__repr__")
    code = getattr(written, "__code__", None)
    return code is not None and code.co_filename == sys.modules[holder.__module__].__file__


def test_every_record_with_a_secret_in_it_says_itself_what_is_printed_of_it() -> None:
    found = {each.__name__: each for each in holders() if each.__name__ not in _NO_SECRETS}
    assert {"UnlockDesk", "SigningKeys", "Tokens", "Kept"} <= found.keys()
    assert [name for name, each in found.items() if not _says_itself(each)] == []


@pytest.mark.parametrize(
    "holder",
    [
        UnlockDesk(MARK, MARK),
        Credential(MARK, MARK),
        Tokens(MARK, MARK, 1, 2),
        Key(MARK.encode()),
        msgspec.structs.replace(new_signing_keys(), private={"one": MARK.encode()}),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_a_secret_is_in_no_way_of_printing_its_holder(holder: object) -> None:
    told = (repr(holder), str(holder), f"{holder}", repr([holder]), repr({"a": holder}), f"{(holder,)}")
    assert not found_in(*told)
