"""Operators: who may sign in, for what, and how often one may be wrong."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import stat
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args
from unicodedata import normalize

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock
from engine.messages.commands import (
    CancelAll,
    Command,
    Leave,
    LeaveChoice,
    SetTradingState,
    SubmitOrder,
    TradingState,
)
from engine.ports.secrets import SecretsError
from engine.security.audit.entry import Act
from engine.security.operators import passwords
from engine.security.operators.database import OperatorFile
from engine.security.operators.lockout import FAILURES_MAX, LockedOut, Lockout
from engine.security.operators.passwords import cost_of, hashed, matches, nobodys, objection_to
from engine.security.operators.register import OperatorRefused, Register
from engine.security.operators.roles import MAY, Role, may
from engine.security.operators.sign_in import SignedIn, SignIn, SignInRefused, code_secret_name
from engine.security.operators.totp import address_of, code_at, step_of
from engine.security.vault.key_file import KeyFile

START_NS = 1_723_118_400 * NS_PER_S
GOOD, OTHER = "seven grey geese over Hull", "nine green herons by Wick"
CHEAP = 4
HERE = "terminal of ann"


class Bench:
    """A folder with operators in it, at a time that moves by hand."""

    def __init__(self, root: Path) -> None:
        self.path = root / "operators.sqlite3"
        self.secrets = KeyFile(root / "keys")
        self.clock = SimulatedClock(START_NS)
        self.acts: list[Act] = []
        self.restart()
        self.register.add("ann", Role.ADMIN, GOOD)

    def restart(self) -> None:
        """Let another program begin on the same file."""
        file = OperatorFile(self.path)
        self.register = Register(file, self.clock, CHEAP)
        self.lockout = Lockout(file, self.clock)
        self.signs_in = SignIn(self.register, self.secrets, self.clock, self.acts.append)

    def tries(self, name: str = "ann", password: str = GOOD, code: str = "", origin: str = HERE) -> SignedIn:
        return self.signs_in.attempt(name, password, code, origin)

    def fails(self, name: str = "ann", times: int = 1, origin: str = HERE) -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused):
                self.tries(name, OTHER, origin=origin)

    def waits_s(self, name: str = "ann", origin: str = HERE) -> int:
        with pytest.raises(LockedOut) as locked:
            self.tries(name, origin=origin)
        return locked.value.retry_after_s

    def passes(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now_ns() + int(seconds * NS_PER_S))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_who_knows_the_password_is_in_and_nobody_else(bench: Bench) -> None:
    assert bench.tries().operator == ("ann", Role.ADMIN, False)
    wrong = (("ann", OTHER), ("bob", GOOD), ("", ""), ("ann\x1b[2J", GOOD), ("ann", GOOD[:-1]))
    for number, (name, password) in enumerate(wrong):
        with pytest.raises(SignInRefused, match=r"^the name, the password or the code is wrong$"):
            bench.tries(name, password, origin=f"place {number}")
    assert [act.what for act in bench.acts] == ["sign-in", *["sign-in-failed"] * 5]
    assert all(GOOD not in str(act) and "\x1b" not in str(act) for act in bench.acts)


def test_five_failures_are_five_minutes_for_the_account_from_anywhere(bench: Bench) -> None:
    bench.fails(times=FAILURES_MAX - 1)
    bench.fails(origin="elsewhere")
    assert bench.waits_s(origin="a third place") == 300
    bench.passes(120.5)
    bench.restart()
    assert bench.waits_s(origin="a third place") == 180
    assert bench.lockout.locked_s("ann") == 180
    bench.passes(179.5)
    assert bench.tries(origin="a third place").operator.name == "ann"


def test_five_failures_from_one_place_lock_it_for_every_account_and_no_other_place(bench: Bench) -> None:
    bench.register.add("bob", Role.TRADER, OTHER)
    for name in ("x1", "x2", "x3", "x4", "x5"):
        bench.fails(name, origin="gateway 10.0.0.9")
    assert bench.waits_s("ann", "gateway 10.0.0.9") == 300
    assert bench.tries("ann").operator.name == "ann"
    assert bench.tries("bob", OTHER).operator.name == "bob"


def test_who_gets_in_begins_anew_and_hears_of_failures(bench: Bench) -> None:
    bench.fails(times=FAILURES_MAX - 1)
    assert bench.tries().failures == FAILURES_MAX - 1
    bench.fails(origin="elsewhere", times=FAILURES_MAX - 1)
    assert bench.tries(origin="elsewhere").operator.name == "ann"


def test_an_own_account_does_not_clear_what_was_guessed_from_the_same_place(bench: Bench) -> None:
    bench.register.add("bob", Role.TRADER, OTHER)
    bench.fails("ann", FAILURES_MAX - 1)
    bench.tries("bob", OTHER)
    bench.fails("x1")
    assert bench.waits_s("x2") == 300


def test_failures_of_long_ago_are_forgotten_and_a_guesser_fills_no_file(bench: Bench) -> None:
    for number in range(4):
        bench.fails(f"x{number}")
    bench.passes(301)
    bench.fails()
    with sqlite3.connect(bench.path) as found:
        assert found.execute("SELECT count(*) FROM failures").fetchone() == (2,)
    found.close()


def test_a_clock_that_was_set_back_locks_nobody_for_longer(bench: Bench) -> None:
    bench.passes(3600)
    bench.fails(times=FAILURES_MAX)
    bench.clock = SimulatedClock(START_NS)
    bench.restart()
    assert bench.waits_s() == 300
    bench.passes(301)
    assert bench.tries().operator.name == "ann"


@pytest.mark.parametrize(
    ("name", "origin"), [("ann", "place {}"), ("x{}", HERE)], ids=["one account", "one place"]
)
def test_of_fifty_tries_at_once_five_passwords_are_looked_at(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str, origin: str
) -> None:
    looked: list[str] = []

    def counted(password: str, kept: bytes) -> bool:
        looked.append(password)
        return matches(password, kept)

    monkeypatch.setattr("engine.security.operators.sign_in.matches", counted)

    def one(number: int) -> str:
        try:
            bench.tries(name.format(number), f"wrong {number}", origin=origin.format(number))
        except (LockedOut, SignInRefused) as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(50) as pool:
        ends = list(pool.map(one, range(50)))
    assert len(looked) == FAILURES_MAX
    assert (ends.count("SignInRefused"), ends.count("LockedOut")) == (FAILURES_MAX, 50 - FAILURES_MAX)


def test_an_unknown_name_costs_the_same_hash_as_a_known_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[int] = []

    def watched(password: str, kept: bytes) -> bool:
        costs.append(cost_of(kept))
        return matches(password, kept)

    monkeypatch.setattr("engine.security.operators.sign_in.matches", watched)
    bench.fails("ann")
    bench.fails("nobody")
    assert costs == [CHEAP, CHEAP]
    assert not matches("", nobodys(CHEAP))
    assert nobodys(CHEAP) != hashed("x", CHEAP)
    assert len(nobodys(CHEAP)) == len(hashed("x", CHEAP))


def test_a_loop_goes_on_while_passwords_are_looked_at(bench: Bench) -> None:
    async def both() -> list[str]:
        found = await asyncio.gather(*(bench.signs_in.attempt_soon("ann", GOOD, "", HERE) for _ in range(3)))
        return [each.operator.name for each in found]

    assert asyncio.run(both()) == ["ann"] * 3


def test_the_cost_is_twelve_and_an_older_hash_is_made_anew_at_a_sign_in(bench: Bench) -> None:
    assert passwords.COST >= 12
    bench.register.cost = CHEAP + 1
    bench.tries()
    kept = bench.register.find("ann")
    assert kept is not None
    assert cost_of(kept.password) == CHEAP + 1
    assert bench.tries().operator.name == "ann"
    assert (cost_of(b""), cost_of(b"$2b$xx$y"), matches("x", b"no hash")) == (0, 0, False)


@given(text=st.text(min_size=73, max_size=90), at=st.integers(0, 72))
@settings(deadline=None, max_examples=15)
def test_no_character_of_a_long_password_is_without_effect(text: str, at: int) -> None:
    kept = hashed(text, CHEAP)
    put = "a" if normalize("NFKC", text[at]) != "a" else "b"
    other = f"{text[:at]}{put}{text[at + 1 :]}"
    assume(normalize("NFKC", text) != normalize("NFKC", other))  # one letter may be typed in two ways
    assert matches(text, kept)
    assert not matches(other, kept)
    assert not matches(text[:72], kept)


def test_a_password_is_no_plain_sha256_and_accents_may_be_typed_either_way() -> None:
    import bcrypt  # noqa: PLC0415  # to look behind our own function

    kept = hashed("caf\u00e9 au lait noir", CHEAP)
    assert matches("cafe\u0301 au lait noir", kept)
    plain = b64encode(hashlib.sha256("caf\u00e9 au lait noir".encode()).digest())
    assert not bcrypt.checkpw(plain, kept)


@pytest.mark.parametrize(
    "weak", ["ann-and-her-geese-fly", "short", "password1234", "aaaaaaaaaaaaaa", "123456789012"]
)
def test_a_weak_password_is_refused_and_not_repeated(bench: Bench, weak: str) -> None:
    assert objection_to(weak, "ann")
    with pytest.raises(OperatorRefused, match="the password is refused: ") as refused:
        bench.register.set_password("ann", weak)
    assert weak not in str(refused.value).replace("shorter", "")
    assert bench.tries().operator.name == "ann"


def test_operators_are_added_changed_and_removed_and_one_admin_stays(bench: Bench) -> None:
    register = bench.register
    register.add("bob", Role.TRADER, OTHER)
    with pytest.raises(OperatorRefused, match="there is an operator bob already"):
        register.add("bob", Role.RISK, OTHER)
    with pytest.raises(OperatorRefused, match="ann is the last admin"):
        register.remove("ann")
    with pytest.raises(OperatorRefused, match="ann is the last admin"):
        register.set_role("ann", Role.VIEWER)
    assert register.set_role("bob", Role.ADMIN).role is Role.TRADER
    assert register.remove("ann").name == "ann"
    assert [each.name for each in register.all()] == ["bob"]
    for change in (register.remove, lambda name: register.set_role(name, Role.RISK)):
        with pytest.raises(OperatorRefused, match="there is no operator ann"):
            change("ann")
    for name in ("Bob", "b", "b b", "b'; DROP TABLE operators", "x" * 33, "1a"):
        with pytest.raises(OperatorRefused, match="expected a name"):
            register.add(name, Role.VIEWER, GOOD)


def test_the_first_operator_is_an_admin_and_without_a_file_there_are_none(tmp_path: Path) -> None:
    register = Register(OperatorFile(tmp_path / "data" / "operators.sqlite3"), SimulatedClock(1), CHEAP)
    assert register.all() == []
    assert not register.file.path.exists()
    with pytest.raises(OperatorRefused, match="the first operator is an admin"):
        register.add("ann", Role.TRADER, GOOD)


def test_the_file_is_its_owners_alone_and_damage_is_a_sentence(bench: Bench, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        Register(OperatorFile(tmp_path / "other"), bench.clock, CHEAP).add("ann", Role.ADMIN, GOOD)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o600
    bench.path.chmod(0o644)
    with pytest.raises(SecretsError, match=r"mode 0644.*look who is in it .* and give them other passwords"):
        bench.tries()
    bench.path.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(bench.path)
    with pytest.raises(SecretsError):
        Register(OperatorFile(link), bench.clock, CHEAP).all()
    with sqlite3.connect(bench.path) as found:
        found.execute("PRAGMA user_version = 7")
    found.close()
    with pytest.raises(SecretsError, match="expected operators of version 2, found 7"):
        bench.register.all()
    bench.path.write_bytes(b"no database at all, but longer than a header" * 20)
    with pytest.raises(SecretsError, match=r"operators\.sqlite3"):
        bench.tries()


def test_the_codes_are_those_of_rfc_6238_and_rfc_4226() -> None:
    secret = b"12345678901234567890"
    for seconds, code in (
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ):
        assert code_at(secret, seconds // 30, digits=8) == code
    counted = (
        "755224",
        "287082",
        "359152",
        "969429",
        "338314",
        "254676",
        "287922",
        "162583",
        "399871",
        "520489",
    )
    assert tuple(code_at(secret, step) for step in range(10)) == counted


def test_a_code_is_wanted_besides_the_password_and_counts_once(bench: Bench) -> None:
    secret = b"12345678901234567890"
    bench.secrets.set(code_secret_name("ann"), secret)
    bench.register.set_has_code("ann", wanted=True)
    step = START_NS // NS_PER_S // 30
    for wrong in ("", "000000", code_at(secret, step - 2), code_at(secret, step + 2), "١٢٣٤٥٦"):
        with pytest.raises(SignInRefused):
            bench.tries(code=wrong)
        bench.lockout.release("ann")
        bench.passes(0)
        bench.lockout.succeed("ann", HERE)
    code = code_at(secret, step)
    assert bench.tries(code=f"{code[:3]} {code[3:]}").operator.has_code
    with pytest.raises(SignInRefused):
        bench.tries(code=code)
    with pytest.raises(SignInRefused):
        bench.tries(code=code_at(secret, step - 1))
    assert bench.tries(code=code_at(secret, step + 1)).failures == 2
    bench.secrets.delete(code_secret_name("ann"))
    with pytest.raises(SignInRefused):
        bench.tries(code=code_at(secret, step + 1))
    assert step_of(secret, code, START_NS, step) is None
    assert address_of(secret, "ann") == (
        "otpauth://totp/Touchline:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Touchline"
    )


def test_the_table_has_every_command_and_no_role_more_than_it_needs() -> None:
    assert set(MAY) == set(get_args(Command))
    assert all(Role.ADMIN in roles for roles in MAY.values())
    assert {kind for kind, roles in MAY.items() if Role.VIEWER in roles} <= {
        kind
        for kind in MAY
        if kind.__name__ in {"ReadListings", "Leave", "Stay", "LockDesk", "UnlockDesk", "Prove"}
    }
    assert Role.RISK not in MAY[SubmitOrder]
    assert MAY[CancelAll] == {Role.TRADER, Role.RISK, Role.ADMIN}


def test_letting_trading_go_on_is_for_risk_and_leaving_with_orders_is_not_for_viewers() -> None:
    resume = SetTradingState(TradingState.ACTIVE, "well", None)
    assert [role for role in Role if may(role, resume, loosens=True)] == [Role.RISK, Role.ADMIN]
    assert may(Role.TRADER, SetTradingState(TradingState.HALTED, "odd", None))
    assert may(Role.VIEWER, Leave(LeaveChoice.KEEP))
    assert not may(Role.VIEWER, Leave(LeaveChoice.FLATTEN))
