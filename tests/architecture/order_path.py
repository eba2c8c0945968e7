"""What must be true of the code between an order and its broker, checked on its syntax tree; faults are sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator

SENDS = {"submit", "submit_pair", "amend"}
_ASKS = (("submit", ["gate.check"]), ("submit_pair", ["gate.check"] * 2), ("amend", ["gate.check_amend"]))
"""What each asks of the gate before anything else."""
_WAYS = {"submit": 3}
"""Ways out of what is looked at last, where there are more than at once and later: what is left of a pair goes alone."""


def method(tree: ast.Module, owner: str, name: str) -> ast.FunctionDef:
    """Return a method of a class."""
    (found,) = (
        function
        for each in tree.body
        if isinstance(each, ast.ClassDef) and each.name == owner
        for function in each.body
        if isinstance(function, ast.FunctionDef) and function.name == name
    )
    return found


def named(tree: ast.AST, names: set[str]) -> Iterator[ast.Attribute]:
    """Yield where something of these names is looked up, to be called or to be passed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            yield node


def holder(node: ast.Attribute) -> str:
    """Return whose attribute it is: `broker` of `self._broker.submit`."""
    return ast.unparse(node.value).split(".")[-1].lstrip("_")


def intake_faults(tree: ast.Module) -> list[str]:
    """Tell how `Intake` could hand on what was not gated, then recorded."""
    return [
        fault for verb, asks in _ASKS for fault in _judged_before(method(tree, "Intake", verb), verb, asks)
    ]


def _judged_before(function: ast.FunctionDef, verb: str, asks: list[str]) -> Iterator[str]:
    judged = next((n for n, each in enumerate(function.body) if asks[0] in _calls(each)), None)
    if judged is None:
        yield f"{verb} does not ask {asks[0]}"
        return
    asked = _calls(function.body[judged])
    if asked[: len(asks)] != asks:
        yield f"{verb} does not ask {asks[0]} of each order, before anything else"
    if "scribe.record" not in asked or asked.index("scribe.record") < asked.index(asks[0]):
        yield f"{verb} does not record what {asks[0]} let pass"
    if asked[-1] != "scribe.record":
        yield f"{verb} can refuse what is recorded"
    if not _is_a_way_out(function.body[judged], function.body[judged + 1]):
        yield f"{verb} goes on although it was refused"
    sends = [n for n, each in enumerate(function.body) if f"dispatch.{verb}" in _calls(each)]
    if len(sends) != 1 or sends[0] <= judged + 1:
        yield f"{verb} does not dispatch once, after all that"


def _is_a_way_out(judged: ast.stmt, after: ast.stmt) -> bool:
    """Whether the first reason decides, and any reason returns False."""
    return (
        isinstance(judged, ast.Assign)
        and isinstance(judged.value, ast.BoolOp)
        and isinstance(judged.value.op, ast.Or)
        and all(isinstance(each, ast.Call) for each in judged.value.values)
        and isinstance(after, ast.If)
        and ast.unparse(after.test) == ast.unparse(judged.targets[0])
        and ast.unparse(after.body[-1]) == "return False"
    )


def dispatch_faults(tree: ast.Module) -> list[str]:
    """Tell how `Dispatch` could send what is not safe, or what is halted."""
    faults = [fault for verb in sorted(SENDS) for fault in _held_to_the_last(tree, verb)]
    safe = ast.unparse(method(tree, "Dispatch", "_is_safe").body[-1])
    if safe != "return not self._waiting and self._scribe.sequence <= self._journal.durable":
        faults.append(f"what is safe is {safe}")
    out = method(tree, "Dispatch", "on_durable")
    loop = next((node for node in ast.walk(out) if isinstance(node, ast.While)), None)
    if loop is None or ast.unparse(loop.test) != "waiting and waiting[0].sequence <= durable":
        faults.append("what waits is let out by something else than the journal")
    if len(list(named(tree, {"send"}))) != len(list(named(out, {"send"}))):
        faults.append("what waits is let out elsewhere")
    return faults


def _held_to_the_last(tree: ast.Module, verb: str) -> Iterator[str]:
    last = method(tree, "Dispatch", f"_{verb}")
    decision = last.body[-1]
    sends = [node for node in named(tree, {verb}) if holder(node) == "broker"]
    if "gate.held_back" not in _calls(last.body[-2]) or not isinstance(decision, ast.If):
        yield f"{verb} does not look at the halts last"
    elif "self._fenced_off()" not in ast.unparse(last.body[-2]):
        yield f"{verb} does not ask whether the account is ours"
    elif not isinstance(decision.test, ast.Name) or f"broker.{verb}" not in _calls(decision.orelse[0]):
        yield f"{verb} sends what is held back"
    elif len(sends) != 1:
        yield f"{verb} is sent from {len(sends)} places"
    front = method(tree, "Dispatch", verb)
    safely = front.body[-1]
    uses = list(named(tree, {f"_{verb}"}))
    ways = _WAYS.get(verb, 2)
    if not isinstance(safely, ast.If) or ast.unparse(safely.test) != "self._is_safe()":
        yield f"{verb} does not ask whether the record is safe"
    elif f"self._{verb}" not in ast.unparse(safely.body[0]) or not _waits(safely.orelse[0]):
        yield f"{verb} does not wait for the record"
    elif len(uses) != ways:
        yield f"{verb} has {len(uses)} ways out"


def _waits(statement: ast.stmt) -> bool:
    """Whether what is done is only to put something in line."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "self._wait"


def _calls(tree: ast.AST) -> list[str]:
    """Return what is called, in the order in which it is written: `gate.check` for `self._gate.check()`."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return [f"{holder(node.func)}.{node.func.attr}" for node in found if isinstance(node.func, ast.Attribute)]
