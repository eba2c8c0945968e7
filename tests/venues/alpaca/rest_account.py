"""The trading API's pages about the account, the assets and the hours."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.venues.alpaca.hours import FIRST, LAST, calendar_json, clock_json, trading_days
from tests.venues.alpaca.refusal import not_found, wrong_parameter
from tests.venues.alpaca.routes import Asked, Page, Told
from tests.venues.alpaca.texts import SECOND_NS, moment

PAGE = 100
RETIRED = {"dtbp_check", "pdt_check", "max_options_trading_level"}
"""What older clients still send."""


def account(asked: Asked) -> Told:
    """Return the account."""
    floor = asked.floor
    return Told(200, floor.account.json(floor.exchange.open, floor.touch))


def configurations(asked: Asked) -> Told:
    """Return how the account is set."""
    return Told(200, asked.floor.account.configurations)


def configure(asked: Asked) -> Told:
    """Set the account."""
    known = asked.floor.account.configurations
    changes = {name: value for name, value in asked.body.items() if name not in RETIRED}
    for name in changes:
        if name not in known:
            raise wrong_parameter(f"unknown configuration {name}")
    known |= changes
    return Told(200, known)


def clock(asked: Asked) -> Told:
    """Return the time, and whether the market is open."""
    return Told(200, clock_json(asked.floor.now_ns(), asked.floor.phase))


def calendar(asked: Asked) -> Told:
    """Return the trading days of a time."""
    first, last = (_day(asked, name, default) for name, default in (("start", FIRST), ("end", LAST)))
    return Told(200, [calendar_json(day) for day in trading_days(first, last)])


def _day(asked: Asked, name: str, default: date) -> date:
    raw = asked.query.get(name)
    try:
        return default if not raw else date.fromisoformat(raw[:10])
    except ValueError:
        raise wrong_parameter(f"invalid {name}: {raw}") from None


def assets(asked: Asked) -> Told:
    """Return the assets that are asked for."""
    query = asked.query
    found = [
        each.json()
        for each in asked.floor.listing.assets.values()
        if query.get("status", each.status) in {each.status, "all"}
        and query.get("asset_class", "us_equity") in {each.kind, "all"}
        and query.get("exchange", each.exchange) == each.exchange
    ]
    return Told(200, found)


def asset(asked: Asked) -> Told:
    """Return one asset, by symbol or id."""
    found = asked.floor.listing.find(asked.parts[0])
    if found is None:
        raise not_found(f"asset not found for {asked.parts[0]}")
    return Told(200, found.json())


def activities(asked: Asked) -> Told:
    """Return what the account did, newest first unless asked otherwise, a page of it."""
    kinds = {asked.parts[0]} if asked.parts else set(asked.names("activity_types"))
    found = [
        each
        for each in asked.floor.account.activities
        if (not kinds or each["activity_type"] in kinds) and _is_in_time(asked, each)
    ]
    if asked.query.get("direction", "desc") == "desc":
        found.reverse()
    token = asked.query.get("page_token")
    if token:
        places = [place for place, each in enumerate(found) if each["id"] == token]
        if not places:
            raise wrong_parameter("invalid page_token")
        found = found[places[0] + 1 :]
    return Told(200, found[: asked.count("page_size", PAGE, PAGE)])


def _is_in_time(asked: Asked, activity: dict[str, Any]) -> bool:
    after, until, day = asked.time("after"), asked.time("until"), asked.query.get("date")
    when = moment(activity["transaction_time"])
    on_day = not day or activity["transaction_time"].startswith(day[:10])
    return on_day and (after is None or when > after) and (until is None or when < until)


def portfolio_history(asked: Asked) -> Told:
    """Return what the account was worth when it began, and is worth now."""
    mine, now_s = asked.floor.account, asked.floor.now_ns() // SECOND_NS
    base, equity = float(mine.opened_with), float(mine.equity)
    told = {
        "timestamp": [asked.floor.tape.began_ns // SECOND_NS, now_s],
        "equity": [base, equity],
        "profit_loss": [0.0, equity - base],
        "profit_loss_pct": [0.0, equity / base - 1],
        "base_value": base,
        "timeframe": asked.query.get("timeframe", "1D"),
        "cashflow": {},
    }
    return Told(200, told)


PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/v2/account", account),
    ("GET", "/v2/account/configurations", configurations),
    ("PATCH", "/v2/account/configurations", configure),
    ("GET", "/v2/account/activities", activities),
    ("GET", "/v2/account/activities/([^/]+)", activities),
    ("GET", "/v2/account/portfolio/history", portfolio_history),
    ("GET", "/v2/clock", clock),
    ("GET", "/v2/calendar", calendar),
    ("GET", "/v2/assets", assets),
    ("GET", "/v2/assets/(.+)", asset),
)
