"""Where there are operators and nobody signed in, what loosens takes the proof of one, and is done in that name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.requests import Code, Proof, SetState, Wants
from engine.messages.commands import ReloadLimits, TradingState
from engine.messages.events import AlertRaised
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.security.audit.log import entries_in
from engine.security.operators.roles import Role
from tests.signed_in import GOOD, operators_of
from tests.unit.engine.control_bench import ControlBench, control_bench
from tests.waiting import wait_until

HALT = SetState(state=TradingState.HALTED, reason="bad fills")
RESUME = SetState(state=TradingState.ACTIVE, reason="mended")
ASKS = "takes the password of an operator"
NAMES = (("ann", Role.ADMIN), ("tom", Role.TRADER), ("rita", Role.RISK))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ControlBench]:
    with control_bench(tmp_path) as made:
        operators = operators_of(tmp_path, made.rooms)
        for name, role in NAMES:
            operators.add(name, role, GOOD)
        made.on_loop(lambda: made.engine.asks_for_names(operators.sign_in))
        yield made


def proven(request: SetState, name: str, password: str = GOOD) -> SetState:
    return SetState(
        state=request.state,
        reason=request.reason,
        firm=request.firm,
        proof=Proof(name=name, password=password),
    )


def is_now(bench: ControlBench, state: TradingState) -> bool:
    return bench.rooms.halts.said.state is state


def test_a_resume_from_a_shell_wants_an_operator_and_is_done_in_that_name(bench: ControlBench) -> None:
    assert bench.ask(HALT).code is Code.PROVEN
    told = bench.ask(RESUME)
    assert (told.code, told.wants) == (Code.UNPROVEN, Wants(operator="", code=True))
    assert told.text.endswith(f"to loosen that {ASKS}")
    assert is_now(bench, TradingState.HALTED)
    assert bench.ask(proven(RESUME, "rita")).code is Code.PROVEN
    assert is_now(bench, TradingState.ACTIVE)
    path = bench.rooms.folders.data / "audit.log"

    def acts(what: str) -> list[tuple[str, str, str]]:
        return [(each.who, each.origin, each.after) for each in entries_in(path) if each.what == what]

    wait_until(lambda: acts("proof") == [("rita", "shell", "let everything trade again (bad fills)")])
    wait_until(lambda: acts("trading-state")[-1] == ("rita", "shell", "active: mended"))


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("tom", GOOD, "tom signed in as trader, and may not let trading go on"),
        ("rita", "no", "the name, the password or the code is wrong"),
        ("eve", GOOD, "the name, the password or the code is wrong"),
        ("", GOOD, "the name, the password or the code is wrong"),
    ],
    ids=["a trader", "a wrong password", "nobody known", "no name"],
)
def test_who_may_not_loosen_is_told_why_and_nothing_goes_on(
    bench: ControlBench, name: str, password: str, why: str
) -> None:
    bench.ask(HALT)
    told = bench.ask(proven(RESUME, name, password))
    assert told.code is Code.UNPROVEN
    assert told.text.endswith(f"; {why}")
    assert is_now(bench, TradingState.HALTED)


def test_every_desk_goes_on_with_the_proof_of_an_operator_too(bench: ControlBench) -> None:
    halt, resume = (SetState(state=each.state, reason=each.reason, firm=True) for each in (HALT, RESUME))
    assert bench.ask(halt).code is Code.PROVEN
    assert bench.ask(resume).code is Code.UNPROVEN
    assert bench.ask(proven(resume, "ann")).code is Code.PROVEN
    assert bench.rooms.halts.firm.state is TradingState.ACTIVE


def test_what_tightens_takes_no_proof(bench: ControlBench) -> None:
    for state in (TradingState.REDUCING, TradingState.HALTED):
        assert bench.ask(SetState(state=state, reason="calmer")).code is Code.PROVEN
    assert bench.rooms.lock is not None
    assert bench.rooms.lock.tries == 0
    bench.ask(SetState(state=TradingState.REDUCING, reason="well"))
    assert is_now(bench, TradingState.HALTED)


def test_a_looser_limits_file_is_held_back_until_an_operator_proves_to_want_it(bench: ControlBench) -> None:
    rooms, told = bench.rooms, list[CommandAnswer]()
    heard = list[str]()
    rooms.bus.subscribe(AlertRaised, lambda alert: heard.append(alert.text))
    path = rooms.folders.limits
    path.parent.mkdir(parents=True, exist_ok=True)

    def takes(role: Role, *, proven: bool) -> CommandAnswer:
        told.clear()
        bench.engine.carry_out(ReloadLimits(), Sender("x", role, "gateway", proven), told.append)
        wait_until(lambda: bool(told))
        return told[0]

    burst = rooms.limits.limits.account.order_burst
    assert burst is not None
    path.write_text(f"[account]\norder_burst = {burst + 5}\n", encoding="utf-8")
    wait_until(lambda: any("is held back: POST /v1/limits" in text for text in heard))
    assert rooms.limits.limits.account.order_burst == burst
    assert takes(Role.TRADER, proven=True).verdict is Verdict.NOT_ALLOWED
    assert takes(Role.RISK, proven=False).verdict is Verdict.PROOF_WANTED
    assert takes(Role.RISK, proven=True).verdict is Verdict.DONE
    assert rooms.limits.limits.account.order_burst == burst + 5
    path.write_text("[account\n", encoding="utf-8")
    wrong = takes(Role.RISK, proven=True)
    assert wrong.verdict is Verdict.REFUSED
    assert wrong.text.startswith("limits unchanged: ")
