"""What would happen if this order were sent now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from engine.messages.events import Denial
from engine.messages.risk_views import RuleView
from engine.messages.views import OrderPreview
from engine.model.market_state import Trust
from engine.model.order import OrderRequest
from engine.risk.candidate import Candidate
from engine.risk.catalogue import RULES, Rule, plan_for
from engine.risk.controls.account import buying_power_after
from engine.risk.controls.instrument import notional_min, size_min
from engine.risk.exposure import worth
from engine.risk.inputs import RiskInputs
from engine.risk.listing import Listing

_LOTS_MAX: Final = 1 << 50
"""Where the search for the largest size ends when no rule bounds it."""


def preview_order(inputs: RiskInputs, request: OrderRequest) -> OrderPreview:
    """Judge an order without sending it or counting it, with every rule's headroom.

    One with the client id of an open order is judged as that order with other terms.
    """
    listing = inputs.listing_of(request.symbol)
    if listing is None:
        return _unknown(request)
    state = listing.state
    now_ns = inputs.clock.now_ns()
    inputs.exposure.bring_up_to_date(now_ns)
    amends = inputs.working.get(request.client_id)
    candidate = Candidate(inputs, request, listing, now_ns, amends)
    leaves = request.quantity - (amends.filled if amends is not None else 0)
    verdicts = [(rule, rule.control(candidate)) for rule in RULES if request.type in rule.types]
    unit = worth(state, _shown_price(candidate), inputs.rates)
    return OrderPreview(
        request=request,
        denials=tuple(denial for _, denial in verdicts if denial is not None),
        rules=tuple(_rule_view(candidate, rule, denial) for rule, denial in verdicts),
        notional_micros=None if unit is None else leaves * unit[0] // unit[1],
        position_after=candidate.held + request.side * leaves,
        buying_power_after_micros=buying_power_after(candidate) if candidate.unit_numerator else None,
        quantity_max=largest_size(inputs, request, listing, now_ns),
        quote_age_ns=max(0, state.age_ns(now_ns)) if state.quote_receive_ns else 0,
        quote_source=state.source,
        trust=candidate.trust,
        reference_price=candidate.twice_reference // 2,
    )


def largest_size(inputs: RiskInputs, request: OrderRequest, listing: Listing, now_ns: int) -> int:
    """Return the largest size in whole lots that every rule would pass, 0 when none would."""
    lot = listing.instrument.lot_units
    amends = inputs.working.get(request.client_id)
    controls = plan_for(listing.instrument, listing.bounds, growing=True)[request.type]

    def judged(lots: int) -> Candidate:
        sized = msgspec.structs.replace(request, quantity=lots * lot)
        return Candidate(inputs, sized, listing, now_ns, amends)

    def passes(lots: int) -> bool:
        candidate = judged(lots)
        return all(control(candidate) is None for control in controls)

    lots = _largest(passes)
    if not lots:
        return 0
    candidate = judged(lots)
    too_small = size_min(candidate) or notional_min(candidate)
    return 0 if too_small else lots * lot


def _largest(passes: Callable[[int], bool]) -> int:
    """Return the largest number that passes, where all below one that passes do too."""
    if not passes(1):
        return 0
    good, bad = 1, 2
    while bad < _LOTS_MAX and passes(bad):
        good, bad = bad, 2 * bad
    while bad - good > 1:
        middle = (good + bad) // 2
        if passes(middle):
            good = middle
        else:
            bad = middle
    return good


def _shown_price(candidate: Candidate) -> int:
    """Return the price at which a person would put the order's worth: its own, else the touch."""
    request, state = candidate.request, candidate.state
    touch = state.ask if candidate.buying else state.bid
    return request.limit or request.stop or touch or candidate.twice_reference // 2


def _rule_view(candidate: Candidate, rule: Rule, denial: Denial | None) -> RuleView:
    reading = rule.gauge(candidate) if rule.gauge is not None else None
    return RuleView(
        rule=rule.name if denial is None else denial.rule,
        label=rule.label,
        passed=denial is None,
        before=None if reading is None else reading.before,
        after=None if reading is None else reading.after,
        limit=None if reading is None else reading.limit,
        unit="" if reading is None else reading.unit,
        text="" if denial is None else denial.text,
    )


def _unknown(request: OrderRequest) -> OrderPreview:
    denial = Denial("instrument_unknown", f"{request.symbol} is not a known instrument")
    view = RuleView(denial.rule, "Instrument", False, None, None, None, "", denial.text)
    return OrderPreview(
        request=request,
        denials=(denial,),
        rules=(view,),
        notional_micros=None,
        position_after=0,
        buying_power_after_micros=None,
        quantity_max=0,
        quote_age_ns=0,
        quote_source="",
        trust=Trust.NONE,
        reference_price=0,
    )
