"""How long a try to sign in takes tells neither who there is nor which of password and code was wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.ports.secrets import SecretsError
from engine.security.operators import sign_in
from engine.security.operators.database import OperatorFile
from engine.security.operators.passwords import matches
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.operators.sign_in import SignIn, SignInRefused, code_secret_name
from engine.security.vault.key_file import KeyFile
from tests.signed_in import CHEAP, GOOD

WRONG = "nine green herons by Wick"


class Counted(KeyFile):
    """A place of secrets that counts how often it was asked, and may be gone."""

    asked = 0
    is_gone = False

    def get(self, name: str) -> bytes | None:
        self.asked += 1
        if self.is_gone:
            raise SecretsError("the keyring is locked")
        return super().get(name)


class Desk:
    """Two operators, one with a device for codes; `costs` says what each try took of what takes long."""

    def __init__(self, root: Path, *, codes: bool = True) -> None:
        self.secrets = Counted(root / "keys")
        register = Register(OperatorFile(root / "operators.sqlite3"), SystemClock(), CHEAP)
        for name in ("ann", "bob"):
            register.add(name, Role.ADMIN, GOOD)
        if codes:
            self.secrets.set(code_secret_name("ann"), b"12345678901234567890")
            register.set_has_code("ann", wanted=True)
        self.signs_in = SignIn(register, self.secrets, SystemClock(), lambda _: None)

    def refuses(self, name: str, password: str, code: str = "000000") -> int:
        """Be refused; return how often the place of secrets was asked."""
        before = self.secrets.asked
        with pytest.raises(SignInRefused):
            self.signs_in.attempt(name, password, code, f"place of {name} {password}")
        return self.secrets.asked - before


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count hashes."""
    counted: Counter[str] = Counter()

    def matches_and_counts(password: str, kept: bytes) -> bool:
        counted["hashes"] += 1
        return matches(password, kept)

    monkeypatch.setattr(sign_in, "matches", matches_and_counts)
    return counted


def test_each_try_costs_one_hash_and_one_question_for_a_code_whoever_it_is(
    tmp_path: Path, hashes: Counter[str]
) -> None:
    desk = Desk(tmp_path)
    tries = {
        "a stranger": ("eve", GOOD),
        "a wrong password": ("ann", WRONG),
        "the right one, and a wrong code": ("ann", GOOD),
        "who has no device": ("bob", WRONG),
    }
    assert {who: desk.refuses(*said) for who, said in tries.items()} == dict.fromkeys(tries, 1)
    assert hashes["hashes"] == len(tries)


def test_where_nobody_has_a_device_no_secret_is_asked_for(tmp_path: Path) -> None:
    assert Desk(tmp_path, codes=False).refuses("ann", WRONG) == 0


def test_a_place_of_secrets_that_is_gone_keeps_out_those_alone_who_need_a_code(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.secrets.is_gone = True
    assert desk.signs_in.attempt("bob", GOOD, "", "here").operator.name == "bob"
    desk.refuses("ann", WRONG)
    with pytest.raises(SecretsError, match="the keyring is locked"):
        desk.signs_in.attempt("ann", GOOD, "000000", "elsewhere")
