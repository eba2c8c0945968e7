"""How a version did at desks here, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from engine.shell.models import KeptFigures, Tally


def lines_measured(here: KeptFigures | None, horizon: int) -> Iterator[str]:
    """Yield how a version did here, to be read beside what its card says."""
    from engine.shell.models import live_figures  # noqa: PLC0415  # help needs none of it

    if here is None:
        yield "  here        it has not predicted at a desk yet"
        return
    tally = here.tally
    yield f"  here        on {here.where}: {tally.matured:,} outcomes, something said at {_share(tally)} of bars"
    for each in live_figures(tally.outcomes, horizon).figures:
        interval = f" [{each.low:.4g}, {each.high:.4g}]" if each.low < each.high else ""
        yield f"    {each.name:11} {each.value:.4g}{interval} of {each.count:,}"
    yield f"    {'after cost':11} {tally.pnl_bps:+,.1f} bps, of one unit each time"
    yield f"    {'drift':11} {'an alarm is active' if tally.drift_alarm else 'no alarm'}"


def measured_told(here: KeptFigures, horizon: int) -> dict[str, object]:
    """Return the same for a program."""
    from engine.shell.models import live_figures  # noqa: PLC0415  # help needs none of it

    tally = here.tally
    return {
        "where": here.where,
        "matured": tally.matured,
        "bars": tally.bars,
        "said": tally.said,
        "pnl_bps": tally.pnl_bps,
        "drift_alarm": tally.drift_alarm,
        "figures": msgspec.to_builtins(live_figures(tally.outcomes, horizon).figures),
    }


def _share(tally: Tally) -> str:
    return f"{tally.said / tally.bars:.0%}" if tally.bars else "no"
