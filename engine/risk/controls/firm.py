"""Can the firm carry it, all desks together?"""

from __future__ import annotations

from engine.messages.events import Denial
from engine.risk import words
from engine.risk.candidate import Candidate
from engine.risk.controls import account


def firm_known(candidate: Candidate) -> Denial | None:
    """Refuse new risk while it is not known what the other desks hold, where that is demanded."""
    firm = candidate.inputs.firm
    if not (firm.trouble and firm.denies) or candidate.reduces:
        return None
    return Denial("firm_unknown", f"what the other desks hold is not known: {firm.trouble}")


def gross_after(candidate: Candidate) -> int:
    """Return the worst-case gross exposure of all desks with the order, millionths of the base."""
    return candidate.gross_after + candidate.inputs.firm.gross


def firm_gross(candidate: Candidate) -> Denial | None:
    """Refuse what could bring the sum of all desks' positions too far."""
    limit, after = candidate.bounds.firm_gross_max, gross_after(candidate)
    if after <= limit or candidate.reduces or candidate.worst_after <= candidate.worst_before:
        return None
    return _denial("firm_gross", "gross exposure", after, limit)


def net_after(candidate: Candidate) -> int:
    """Return the worst-case net exposure of all desks on the order's side, millionths of the base."""
    return account.net_after(candidate) + candidate.inputs.firm.towards(buying=candidate.buying)


def firm_net(candidate: Candidate) -> Denial | None:
    """Refuse what could tilt all desks together too far to one side."""
    limit, after = candidate.bounds.firm_net_max, net_after(candidate)
    if after <= limit or candidate.reduces or candidate.side_worst <= candidate.side_before:
        return None
    return _denial("firm_net", "net exposure", after, limit)


def symbol_after(candidate: Candidate) -> int:
    """Return the worth of the symbol's worst-case position of all desks on the order's side."""
    others = candidate.inputs.firm.of_symbol(candidate.request.symbol, buying=candidate.buying)
    return candidate.side_value + others


def firm_symbol(candidate: Candidate) -> Denial | None:
    """Refuse what could make one symbol's position too large over all desks."""
    limit, after = candidate.bounds.firm_symbol_max, symbol_after(candidate)
    if after <= limit or candidate.reduces or candidate.side_worst <= candidate.side_before:
        return None
    return _denial("firm_symbol", f"position in {candidate.request.symbol}", after, limit)


def _denial(rule: str, what: str, after: int, limit: int) -> Denial:
    return Denial(rule, f"{what} of all desks would be {words.money(after)}, limit {words.money(limit)}")
