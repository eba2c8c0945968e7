"""Whose risk it is: the value at risk of everything held, by position, and whether it was right."""

from __future__ import annotations

from collections.abc import Iterator

from engine.messages.risk_views import RiskPartView, RiskSplitView, VarCheckView
from terminal.desk import Desk
from terminal.strips import fit

_COLUMNS = ("exposure", "alone", "its part", "of all", "in tail")
_WIDTH = 11
_SYMBOL = 11
UNLIKELY = 0.05
"""What is less likely than this is not put down to chance."""


def whose_risk(desk: Desk) -> list[str]:
    """Return the lines of the page."""
    split = desk.risk.split if desk.risk is not None else None
    if split is None:
        held = any(position.quantity for position in desk.positions.values())
        return [
            "Nothing can be said yet: a position needs 31 one-minute bars of its own, and a price that moves."
            if held
            else "Nothing is held: there is no risk to share out. Type b and a size to begin."
        ]
    base = desk.account.base_currency if desk.account is not None else ""
    return [*_intro(split, base), "", *_table(split), "", *_saved(split), "", *_judged(split.check)]


def _intro(split: RiskSplitView, base: str) -> Iterator[str]:
    yield f"What may be lost in a day, once in a hundred days (VaR 99%, normal), in {base}."
    yield f"From what is held now over the last {split.bars} one-minute bars, each scaled to a day."


def _table(split: RiskSplitView) -> Iterator[str]:
    yield fit("symbol", _SYMBOL) + "".join(fit(name, _WIDTH, right=True) for name in _COLUMNS)
    for part in split.parts:
        yield _row(part.symbol, part)
    total = RiskPartView(
        split.parts[0].symbol,
        sum(part.exposure for part in split.parts),
        sum(part.alone for part in split.parts),
        split.together,
        1.0,
        split.shortfall,
    )
    yield "─" * (_SYMBOL + _WIDTH * len(_COLUMNS))
    yield _row("together", total)


def _row(name: str, part: RiskPartView) -> str:
    numbers = (f"{part.exposure:,.0f}", f"{part.alone:,.0f}", f"{part.component:,.0f}")
    cells = (*numbers, f"{part.share * 100:.1f}%", f"{part.in_tail:,.0f}")
    return fit(name, _SYMBOL) + "".join(fit(cell, _WIDTH, right=True) for cell in cells)


def _saved(split: RiskSplitView) -> Iterator[str]:
    alone = sum(part.alone for part in split.parts)
    yield "alone      what it could lose if nothing else were held"
    yield "its part   what it adds to the VaR of all; a hedge takes away"
    yield "in tail    what it lost on the worst occasions (ES)"
    if len(split.parts) > 1 and alone > 0:
        yield ""
        yield f"Holding them together saves {(1 - split.together / alone) * 100:.0f}% of what they risk alone."


def _judged(check: VarCheckView | None) -> Iterator[str]:
    if check is None:
        yield "Whether VaR is right can't be told yet: too few bars."
        return
    yield (
        f"Was it right? Of the last {check.bars} bars, {check.beyond} lost more than the VaR (EWMA) said before them; "
        f"{check.expected:.1f} were to be expected."
    )
    yield f"Their number {_verdict(check.number_p)}; that they come as they do {_verdict(check.alone_p)}."
    if check.number_p < UNLIKELY:
        word = "more" if check.beyond > check.expected else "less"
        yield f"VaR is not right for what is held: expect {word} than it says."


def _verdict(chance: float) -> str:
    return f"{'is not' if chance < UNLIKELY else 'may be'} chance (p = {chance:.2f})"
