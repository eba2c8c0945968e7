"""Why a version says what it says, as a chain of reasons; and everything that is known of it, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.messages.signal_views import ModelView, SignalTrading, SignalView
from terminal.desk import Desk
from terminal.format import money, time_of_day
from terminal.widgets.signal_words import (
    NAMES,
    RowKey,
    bps,
    compared,
    direction,
    figure,
    model_of,
    probability,
    signal_of,
)

_REMEDIES: Final = (
    ("stale", "its bars are late: look at the feed on the health page (C)"),
    ("missing", "wait until its window is full; a gap or a bad bar empties it"),
    ("expired", "train it anew: its training data is older than age_days_max in config.toml"),
    (
        "out of domain",
        "nothing: it is asked about what its training never saw; it says something again by itself",
    ),
    (
        "drift",
        "train it anew on what the market is now; touchline models rollback NAME VERSION goes back meanwhile",
    ),
    ("unsure", "nothing: it is not sure enough for threshold in config.toml"),
)
"""What can be done, by how the reason begins."""


def why_signal(desk: Desk, key: RowKey) -> list[str]:
    """Return the chain from what is said back to what it came of."""
    signal, model = signal_of(desk, key), model_of(desk, key)
    if model is None:
        return ["It is not there any more: the registry has other versions now."]
    return [*_says(desk, signal, model), *_trusted(model), *_trades(signal, model)]


def details(desk: Desk, key: RowKey) -> list[str]:
    """Return everything that is known of a row, and what can be done about it."""
    signal, model = signal_of(desk, key), model_of(desk, key)
    if model is None:
        return ["It is not there any more: the registry has other versions now."]
    return [
        f"version     {model.version}, {model.stage}",
        f"reads       {model.feature_set}, bars of {model.interval_ns // 10**9} s, {model.horizon_bars} ahead",
        f"cost        {model.cost_bps:g} bp a round trip, as its trainer has it",
        f"speed       99 of 100 predictions within {model.p99_us:.1f} us when it was loaded",
        *([f"demoted     {model.demoted}"] if model.demoted else []),
        "",
        *_scores(model),
        "",
        *_calibration(model),
        *why_signal(desk, key),
        "",
        *_what_to_do(signal, model),
    ]


def _says(desk: Desk, signal: SignalView | None, model: ModelView) -> Iterator[str]:
    if model.failure:
        yield f"{model.model} does not predict: {model.failure}"
    if signal is None:
        yield "It has said nothing yet: no bar has closed since it was loaded."
        return
    at = time_of_day(signal.bar_end_ns, desk.zone)
    if signal.abstained or signal.probability is None:
        yield f"It says nothing of {signal.symbol} since the bar that ended {at}"
        yield f"  because {signal.abstained or 'it was not asked'}"
        return
    yield f"It says {direction(signal)[0]} for {signal.symbol}, {probability(signal)} likely to be higher, as of {at}"
    for name, adds in signal.contributions:
        yield f"  because {name} moved its score {'up' if adds > 0 else 'down'} by {abs(adds):.3f}"
    if signal.edge_bps is None:
        yield "  its edge is not known: too few outcomes have matured here"
    else:
        yield f"  and that is worth {bps(signal.edge_bps)} after cost, by how far prices move here"


def _trusted(model: ModelView) -> Iterator[str]:
    if model.coverage is not None:
        yield f"It said something at {model.coverage * 100:.0f}% of its bars; {model.matured:,} outcomes are known"
    for reason in model.drift_reasons:
        yield f"  drift: {reason}"


def _trades(signal: SignalView | None, model: ModelView) -> Iterator[str]:
    if model.stage != "champion":
        yield f"No order comes of it: it is a {model.stage}, and only a champion sends any"
    elif model.trading is SignalTrading.ARMED:
        where = "to the live account" if model.trades_live else "on paper"
        yield f"Orders of it go {where}: {model.trading_reason}"
    else:
        yield f"No order comes of it: it is {model.trading.value}"
        yield f"  because {model.trading_reason}"
    if signal is not None and model.money.fills:
        yield f"Its orders brought {money(model.money.net_micros, signed=True)} in {model.money.fills:,} fills"


def _scores(model: ModelView) -> Iterator[str]:
    yield f"{'score':18} {'here':23} back-test"
    live, tested = ({f.name: f for f in found} for found in (model.live, model.tested))
    for name in dict.fromkeys([*live, *tested]):
        here, there = live.get(name), tested.get(name)
        yield f"{NAMES.get(name, name):18} {figure(here):23} {figure(there)}"
        verdict = compared(here, there)[0]
        if verdict not in {"", "as tested"}:
            yield f"{'':18} {verdict}"
    if not live:
        yield f"Nothing is measured here yet: {model.waiting:,} outcomes are to come."


def _calibration(model: ModelView) -> Iterator[str]:
    known = [each for each in model.calibration if each.count]
    if not known:
        return
    yield f"{'said to be up':20} {'times':>7} {'said':>8} {'came':>8}"
    for each in known:
        said, came = (f"{(value or 0) * 100:.1f}%" for value in (each.predicted, each.observed))
        yield (
            f"{each.low * 100:.0f}% to {each.high * 100:.0f}%".ljust(20)
            + f" {each.count:>7,} {said:>8} {came:>8}"
        )
    yield ""


def _what_to_do(signal: SignalView | None, model: ModelView) -> Iterator[str]:
    yield "What to do"
    reason = model.failure or (signal.abstained if signal is not None else "")
    found = next((remedy for begins, remedy in _REMEDIES if reason.startswith(begins)), "")
    if model.failure:
        yield f"  touchline models verify {model.model} {model.version} says what is wrong with it"
    elif found:
        yield f"  {found}"
    else:
        yield "  nothing: it does what it is there for"
    if model.stage == "champion" and model.trading is not SignalTrading.ARMED:
        yield "  a on the signals page lets it send orders; it asks for the model's name"
