"""What a check is, and those that many items share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, judged, passed, unset, waits
from engine.preflight.proof import Outcome

Check = Callable[[Facts], Found]
"""Judges one item by the facts; reads nothing itself."""
Checks = Mapping[str, Check]
"""Checks by the ids of their items."""
ASK_CHECKOUT: Final = "run it from the checkout, where docs/ is: pipx install --editable ."
ASK_LIVE: Final = "touchline preflight --live, while an engine runs"


def proved(signer: str, rooms: tuple[str, ...], modules: tuple[str, ...]) -> Check:
    """Return a check that a run of the tests on this very source decides, or a person where there was none."""

    def check(facts: Facts) -> Found:
        basis = " ".join(f"{room}@{facts.rooms.get(room, 'gone')}" for room in rooms)
        remedy = f"make test, or touchline signoff ID --as {signer}"
        if facts.proof is None:
            return waits(f"no run of the tests is kept here; source {basis}", remedy, basis=basis)
        if any(facts.proof.rooms.get(room) != facts.rooms.get(room) for room in rooms):
            return waits(f"the tests ran on another source; now {basis}", remedy, basis=basis)
        found = {name: facts.proof.modules.get(name, Outcome()) for name in modules}
        if broken := [name for name, run in found.items() if run.failed]:
            return failed(f"did not hold: {', '.join(broken)}", "make test")
        if absent := [name for name, run in found.items() if not run.passed]:
            return waits(f"did not run: {', '.join(absent)}; source {basis}", remedy, basis=basis)
        count = sum(run.passed for run in found.values())
        return passed(f"{count:,} tests of {len(modules)} modules held on {basis}")

    return check


def documented(name: str, *wanted: str) -> Check:
    """Return a check that a page is there and says what it has to."""

    def check(facts: Facts) -> Found:
        text = facts.pages.get(name)
        if text is None:
            remedy = ASK_CHECKOUT
            return failed(f"docs/{name} is missing", remedy) if facts.pages else unset("no docs here", remedy)
        missing = [each for each in wanted if each not in text]
        told = f"docs/{name}, {len(text.splitlines()):,} lines"
        return judged(
            well=not missing,
            evidence=f"{told} without: {'; '.join(missing)}" if missing else told,
            remedy=f"write it into docs/{name}",
        )

    return check
