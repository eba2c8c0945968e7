"""Can the account carry it?"""

from __future__ import annotations

from engine.messages.events import Denial
from engine.risk import words
from engine.risk.bounds import PPM
from engine.risk.candidate import Candidate


def exposure_known(candidate: Candidate) -> Denial | None:
    """Refuse new risk while something else that is held or worked can't be valued."""
    unpriced = candidate.inputs.exposure.unpriced
    if not unpriced or candidate.reduces or unpriced == {candidate.request.symbol}:
        return None
    others = ", ".join(sorted(unpriced - {candidate.request.symbol}))
    return Denial(
        "exposure_unavailable", f"the account's exposure is not known: {others} has no price or rate"
    )


def gross_exposure(candidate: Candidate) -> Denial | None:
    """Refuse what could bring the sum of all positions' sizes past its share of equity."""
    limit = candidate.caps.gross
    after = candidate.gross_after
    if after <= limit or candidate.reduces or candidate.worst_after <= candidate.worst_before:
        return None
    return Denial(
        "gross_exposure", f"gross exposure would be {words.money(after)}, limit {words.money(limit)}"
    )


def net_after(candidate: Candidate) -> int:
    """Return the account's worst-case net exposure on the order's side, millionths of the base."""
    book, own = candidate.inputs.exposure, candidate.exposure
    others = book.high - own.high if candidate.buying else own.low - book.low
    return others + candidate.side_value


def net_exposure(candidate: Candidate) -> Denial | None:
    """Refuse what could tilt the whole account too far to one side."""
    limit = candidate.caps.net
    after = net_after(candidate)
    if after <= limit or candidate.reduces or candidate.side_worst <= candidate.side_before:
        return None
    sign = "" if candidate.buying else "-"
    return Denial(
        "net_exposure",
        f"net exposure would be {sign}{words.money(after)}, limit {words.money(limit)}",
    )


def buying_power_after(candidate: Candidate) -> int:
    """Return the buying power that is left when this and every working order fill, millionths of the base.

    The smaller of two figures: the account's own, which counts working orders as of its last valuation, and
    the gate's, which counts them as of now, so that no two orders can spend the same money.
    """
    ours = candidate.caps.leverage - candidate.gross_after
    needed = candidate.worst_value - candidate.value(candidate.worst_before)
    return min(ours, candidate.inputs.account.buying_power_micros - needed)


def buying_power(candidate: Candidate) -> Denial | None:
    """Refuse what the account can't pay for, with what working orders have spoken for."""
    enough = candidate.worst_value <= candidate.inputs.account.buying_power_micros
    if (enough and candidate.gross_after <= candidate.caps.leverage) or candidate.reduces:
        return None
    after = buying_power_after(candidate)
    if after >= 0 or candidate.worst_after <= candidate.worst_before:
        return None
    needed = candidate.worst_value - candidate.value(candidate.worst_before)
    return Denial(
        "buying_power",
        f"order needs {words.money(needed)} of buying power, available {words.money(max(0, after + needed))}",
    )


def day_loss(candidate: Candidate) -> Denial | None:
    """Refuse new risk once the day has lost too much; reductions go on."""
    account = candidate.inputs.account
    lost = -account.day_pnl_micros
    if lost <= 0:
        return None
    bounds = candidate.inputs.account_bounds
    if lost * PPM <= bounds.day_loss_soft_ppm * account.day_start_equity_micros:
        return None
    if candidate.reduces:
        return None
    hard = bounds.day_loss_hard_ppm * account.day_start_equity_micros // PPM
    if lost > hard:
        return Denial(
            "day_loss_hard", f"day loss is {words.money(lost)}, limit {words.money(hard)}: no new risk today"
        )
    soft = bounds.day_loss_soft_ppm * account.day_start_equity_micros // PPM
    return Denial(
        "day_loss_soft",
        f"day loss is {words.money(lost)}, limit {words.money(soft)}: only orders that reduce",
    )


def drawdown(candidate: Candidate) -> Denial | None:
    """Refuse new risk once too much was lost from the highest equity; reductions go on."""
    account = candidate.inputs.account
    lost = account.equity_peak_micros - account.equity_micros
    if lost <= 0:
        return None
    limit = candidate.inputs.account_bounds.drawdown_ppm
    if lost * PPM <= limit * account.equity_peak_micros or candidate.reduces:
        return None
    fraction = lost * PPM / max(1, account.equity_peak_micros)
    return Denial(
        "drawdown",
        f"drawdown is {words.percent(fraction)}, limit {words.percent(limit)}: only orders that reduce",
    )
