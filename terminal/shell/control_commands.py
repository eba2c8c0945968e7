"""The way out from another shell: what each command says to the desk that runs, and what it prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from engine.control.client import NoDeskError, SilentDeskError, ask
from engine.control.proving import PROOF_S
from engine.control.requests import (
    Answer,
    CancelOrders,
    Code,
    Disarm,
    FlattenPositions,
    Proof,
    Request,
    SetState,
    TellStatus,
    Wants,
)
from engine.folders import standard_folders
from engine.messages.commands import TradingState
from terminal.shell.control_words import in_words

_BEYOND_WAIT_S = 3.0
"""How much longer than the desk waits for proof its answer may take."""


def set_state(options: argparse.Namespace, state: TradingState) -> int:
    """Halt, reduce or resume: a symbol, a strategy, everything, or every desk; who signed in lets trading go on."""
    scope = {"symbol": options.symbol, "strategy": options.strategy, "firm": options.firm}
    return _say(_with_proof(SetState(state=state, reason=options.reason, **scope)))


def disarm(options: argparse.Namespace) -> int:
    """Let only orders leave that reduce; arming is for the desk alone."""
    return _say(_asked(Disarm(reason=options.reason)))


def cancel_all(options: argparse.Namespace) -> int:
    """Take back every open order, or those of one symbol or one strategy."""
    request = CancelOrders(symbol=options.symbol, strategy=options.strategy, wait_s=options.wait)
    return _say(_asked(request, options.wait))


def flatten(options: argparse.Namespace) -> int:
    """Close every position at the market, or that of one symbol, after asking."""
    if not options.yes:
        refusal = _confirm(options.symbol or "everything")
        if refusal is not None:
            return _say(refusal)
    return _say(_asked(FlattenPositions(symbol=options.symbol, wait_s=options.wait), options.wait))


def status(options: argparse.Namespace) -> int:
    """Print how the desk is."""
    answer = _asked(TellStatus(hashed=options.hash))
    if answer.status is None:
        return _say(answer)
    as_json = msgspec.json.format(msgspec.json.encode(answer.status)).decode()
    sys.stdout.write(f"{as_json if options.json else in_words(answer.status)}\n")
    return answer.code


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "halt": partial(set_state, state=TradingState.HALTED),
    "resume": partial(set_state, state=TradingState.ACTIVE),
    "reduce-only": partial(set_state, state=TradingState.REDUCING),
    "disarm": disarm,
    "cancel-all": cancel_all,
    "flatten": flatten,
    "status": status,
}
"""The function of each command."""


def _asked(request: Request, wait_s: float = 0.0) -> Answer:
    """Return what the desk says, or what there is to say where none answers."""
    try:
        return ask(standard_folders().data, request, wait_s + _BEYOND_WAIT_S)
    except NoDeskError as error:
        return Answer(code=Code.NO_DESK, text=f"{error}; `touchline` starts one")
    except SilentDeskError as error:
        return Answer(code=Code.UNPROVEN, text=str(error))


def _with_proof(request: SetState) -> Answer:
    """Return what the desk says, asked once more with a proof where it takes one."""
    answer = _asked(request)
    if answer.wants is not None and (proof := _proof_of(answer.wants, answer.text)) is not None:
        answer = _asked(msgspec.structs.replace(request, proof=proof), PROOF_S)
    return answer


def _proof_of(wants: Wants, why: str) -> Proof | None:
    """Ask for the proof that something takes; None where nobody can be asked."""
    from terminal.entry.password_entry import operator_name, own_password  # noqa: PLC0415  # a halt waits for nothing that it needs not

    if sys.stdin.isatty():
        sys.stderr.write(f"touchline: {why}\n")
    name = "" if wants.operator else operator_name()
    password, code = own_password(wants.operator or name, wants_code=wants.code, is_sure=not name)
    return Proof(name=name, password=password, code=code) if password else None


def _say(answer: Answer) -> int:
    """Print an answer, on standard error where the desk did not say how it is now."""
    if answer.status is None:
        sys.stderr.write(f"touchline: {answer.text}\n")
    else:
        sys.stdout.write(f"{answer.text}\n")
    return answer.code


def _confirm(what: str) -> Answer | None:
    """Ask the person, and say which account it is about; return the answer where it is no."""
    if not sys.stdin.isatty():
        text = "flatten trades at the market: where nobody can be asked it needs --yes"
        return Answer(code=Code.BAD_INPUT, text=text)
    answer = _asked(TellStatus())
    if answer.code is Code.NO_DESK:
        return answer
    told = answer.status
    account = f"{told.mode.upper()} account {told.account}" if told is not None else answer.text
    sys.stdout.write(f"flatten {what} at the market? ({account}) type yes: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() == "yes":
        return None
    return Answer(code=Code.UNPROVEN, text="nothing was done")
