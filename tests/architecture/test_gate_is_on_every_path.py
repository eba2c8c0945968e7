"""No order reaches a broker but through the gate, then the journal, then the last look at the halts."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.order_path import SENDS, dispatch_faults, holder, intake_faults, named
from tests.architecture.sources import ROOT, name_of, parsed, sources

ROUTE = {
    "engine/execution/dispatch.py": {"broker"},
    "engine/execution/intake.py": {"dispatch"},
    "engine/execution/order_manager.py": {"intake"},
    "engine/execution/exits.py": {"intake"},
    "engine/execution/brackets.py": {"intake"},
    "engine/execution/sizing.py": {"intake"},
    "engine/execution/deciding.py": {"hands"},  # the order manager, as far as it may use it
    "engine/handlers.py": {"orders"},
    "engine/engine.py": {"self"},  # takes a command
    "engine/late.py": {"engine"},
    "engine/control/alert_errands.py": {"controls"},
    "engine/control/errands.py": {"controls"},
    "terminal/bridge.py": {"engine"},
    "terminal/way_out.py": {"engine"},
}
"""Whose `submit` and `amend` each file uses: only dispatch has a broker's, only intake has dispatch's."""
ASKS = {
    "engine/execution/dispatch.py": {"submit", "submit_pair", "amend"},
    "engine/execution/intake.py": {"cancel"},  # never gated, never held up
    "engine/execution/inquiry.py": {"inquire"},
    "engine/execution/comparison.py": {"take_stock"},
    "engine/composition/wiring.py": {"connect"},
}
"""What each file asks of a broker."""
PORT = {"submit", "submit_pair", "amend", "cancel", "inquire", "take_stock", "connect"}
OUTSIDE = {"adapters", "adapter_contract"}
"""Those who are brokers, and the tests that brokers inherit, which nothing of the program may import."""
CODE = [path for path in sources("engine", "terminal") if not OUTSIDE & {*path.parts}]
INTAKE = ROOT / "engine" / "execution" / "intake.py"
DISPATCH = ROOT / "engine" / "execution" / "dispatch.py"


def test_every_send_takes_the_one_route() -> None:
    used = {name_of(path): {holder(node) for node in named(parsed(path), SENDS)} for path in CODE}
    assert {name: holders for name, holders in used.items() if holders} == ROUTE


def test_only_dispatch_sends_and_only_intake_cancels_at_a_broker() -> None:
    asked = {
        name_of(path): {node.attr for node in named(parsed(path), PORT) if holder(node) == "broker"}
        for path in CODE
    }
    assert {name: verbs for name, verbs in asked.items() if verbs} == ASKS


def test_a_broker_has_no_other_methods_than_these() -> None:
    tree = parsed(ROOT / "engine" / "ports" / "broker.py")
    methods = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert methods - {"name", "run", "holds_as_one"} == PORT


def test_intake_gates_then_records_then_dispatches() -> None:
    assert intake_faults(parsed(INTAKE)) == []


def test_dispatch_sends_only_what_is_safe_and_looks_at_the_halts_last() -> None:
    assert dispatch_faults(parsed(DISPATCH)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("self._gate.check(request) or ", ""),
        ("self._gate.check(request) or ", "self._gate.check(request) and "),
        (" or self._scribe.record(submitted)", ""),
        (
            "self._gate.check(request) or self._dispatch.denied() or self._scribe.record(submitted)",
            "self._scribe.record(submitted) or self._dispatch.denied() or self._gate.check(request)",
        ),
        (
            "            self._deny(Order(request, instrument), denials)\n            return False\n",
            "            pass\n",
        ),
        (
            "        self._scribe.name(instrument)\n",
            "        self._scribe.name(instrument)\n        self._dispatch.submit(order)\n",
        ),
        ("            or self._gate.check(target)\n", ""),
        ("            self._gate.check(stop)\n            or", "           "),
        ("            or self._scribe.record(submitted)\n        )", "        )"),
        ("or self._gate.check_amend(order, quantity, limit, stop, origin)", ""),
        ("or self._scribe.record(command)", ""),
    ],
)
def test_an_intake_that_leaves_a_step_out_is_noticed(before: str, after: str) -> None:
    text = INTAKE.read_text(encoding="utf-8")
    assert before in text
    assert intake_faults(ast.parse(text.replace(before, after, 1)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if self._is_safe():", "if True:"),
        ("self._scribe.sequence <= self._journal.durable", "True"),
        ("waiting[0].sequence <= durable", "durable"),
        ("not self._waiting and ", ""),
        ("reason = self._fenced_off() or self._gate.held_back(order.request, stamp)", 'reason = ""'),
        (
            "reason = self._fenced_off() or self._gate.held_back(order.request, stamp)",
            "reason = self._gate.held_back(order.request, stamp)",
        ),
        (
            "            self._abandon(order, reason)\n        else:\n            self._broker.submit(order.request)\n    ",
            "            self._abandon(order, reason)\n        self._broker.submit(order.request)\n",
        ),
        ("self._wait((order,), lambda: self._submit(order, stamp))", "self._submit(order, stamp)"),
        (
            "            self._abandon(order, reason)\n        else:",
            "            self._broker.submit(order.request)\n        else:",
        ),
        (
            "self._wait((stop, target), lambda: self._submit_pair(stop, target, stamp))",
            "self._submit_pair(stop, target, stamp)",
        ),
        (
            "        else:\n            self._broker.submit_pair(stop.request, target.request)\n            for order",
            "        self._broker.submit_pair(stop.request, target.request)\n        for order",
        ),
    ],
)
def test_a_dispatch_that_sends_too_early_is_noticed(before: str, after: str) -> None:
    text = DISPATCH.read_text(encoding="utf-8")
    assert before in text
    assert dispatch_faults(ast.parse(text.replace(before, after, 1)))
