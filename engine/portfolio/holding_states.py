"""What a symbol's entries come to as values, and back: for snapshots and for the hash of the state."""

from __future__ import annotations

from collections.abc import Iterator

from engine.messages.state import ConvertedState, HoldingState, LotsState, LotState, MatchState
from engine.portfolio.converted import Converted
from engine.portfolio.holding import Holding
from engine.portfolio.lot import Lot, LotMatch

PIECE = 500
"""How many lots are captured at a time: a snapshot must not stop the engine for long."""


def capture_holding(holding: Holding) -> Iterator[HoldingState | LotsState]:
    """Copy all that follows from a holding's entries."""
    position, lots = holding.position, holding.lots
    yield HoldingState(
        symbol=position.symbol,
        quantity=str(position.quantity),
        cost=str(position.cost),
        realised=str(position.realised),
        fees_micros=str(position.fees_micros),
        dividends_micros=str(position.dividends_micros),
        updated_ns=position.updated_ns,
        lots_realised=str(lots.realised),
        matches=tuple(map(_capture_match, lots.matches)),
        converted_realised=_capture_converted(holding.realised),
        converted_fees=_capture_converted(holding.fees),
        converted_dividends=_capture_converted(holding.dividends),
    )
    open_lots = tuple(map(_capture_lot, lots.open))
    for start in range(0, len(open_lots), PIECE):
        yield LotsState(position.symbol, open_lots[start : start + PIECE])


def restore_holding(holding: Holding, state: HoldingState) -> None:
    """Take in what was captured, the open lots apart."""
    position = holding.position
    position.quantity, position.cost = int(state.quantity), int(state.cost)
    position.realised = int(state.realised)
    position.fees_micros = int(state.fees_micros)
    position.dividends_micros = int(state.dividends_micros)
    position.updated_ns = state.updated_ns
    holding.lots.realised = int(state.lots_realised)
    holding.lots.matches.extend(map(_restore_match, state.matches))
    _restore_converted(holding.realised, state.converted_realised)
    _restore_converted(holding.fees, state.converted_fees)
    _restore_converted(holding.dividends, state.converted_dividends)


def restore_lots(holding: Holding, state: LotsState) -> None:
    """Take in open lots behind those that are there."""
    holding.lots.open.extend(map(_restore_lot, state.lots))


def _capture_lot(lot: Lot) -> LotState:
    return LotState(str(lot.quantity), str(lot.cost), lot.fill_id, lot.opened_ns)


def _restore_lot(state: LotState) -> Lot:
    return Lot(int(state.quantity), int(state.cost), state.fill_id, state.opened_ns)


def _capture_match(match: LotMatch) -> MatchState:
    return MatchState(
        match.open_fill_id,
        match.close_fill_id,
        str(match.quantity),
        str(match.profit),
        match.opened_ns,
        match.closed_ns,
    )


def _restore_match(state: MatchState) -> LotMatch:
    return LotMatch(
        state.open_fill_id,
        state.close_fill_id,
        int(state.quantity),
        int(state.profit),
        state.opened_ns,
        state.closed_ns,
    )


def _capture_converted(amount: Converted) -> ConvertedState:
    return ConvertedState(
        str(amount.base_e9), {currency: str(each) for currency, each in amount.local.items()}
    )


def _restore_converted(amount: Converted, state: ConvertedState) -> None:
    amount.base_e9 = int(state.base_e9)
    amount.local.update((currency, int(each)) for currency, each in state.local.items())
