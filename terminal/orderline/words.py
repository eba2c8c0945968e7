"""The words of the grammar; a symbol that looks like one of them is written with a quote: 'DAY."""

from __future__ import annotations

import re

from engine.messages.commands import TradingState
from engine.model.order import TimeInForce
from terminal.orderline.lines import Intent, PriceBase

SIDES = {
    "b": Intent.BUY,
    "buy": Intent.BUY,
    "s": Intent.SELL,
    "sell": Intent.SELL,
    "ss": Intent.SHORT,
    "short": Intent.SHORT,
    "bc": Intent.COVER,
    "cover": Intent.COVER,
}

BASES = {base.value: base for base in PriceBase}
MARKET = "mkt"
LIMIT = "lmt"
TIFS = {tif.value: tif for tif in TimeInForce}
REDUCE_ONLY = "ro"
POST_ONLY = "po"
EITHER_OR = "oco"
STRATEGY_KEY = "as"
"""Before an equals sign: whose idea an order is, and whose orders a command means."""
STRATEGY = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}", re.ASCII)
STRATEGY_IN_WORDS = "up to 32 letters, digits, dots, dashes and underscores"

UNAVAILABLE = {
    "ext": "extended hours are not available yet: day, gtc, ioc and fok are",
    "via": "there is one broker on this desk: leave out via=",
    "acct": "there is one account on this desk: leave out acct=",
}
"""Words of the full grammar that mean something this desk can't do; never silently ignored."""

STATES = {
    "halt": TradingState.HALTED,
    "reduce": TradingState.REDUCING,
    "resume": TradingState.ACTIVE,
}

FIRM = "firm"
"""After a trading state: every desk that shares the Redis."""

PANES = {
    "quotes": "quotes",
    "chart": "chart",
    "depth": "depth",
    "portfolio": "portfolio",
    "orders": "orders",
    "ticket": "ticket",
    "risk": "risk",
    "health": "health",
    "tape": "tape",
    "signals": "signals",
}

VIEWS = {
    "go": "",
    "q": "quotes",
    "ch": "chart",
    "dp": "depth",
    "pf": "portfolio",
    "or": "orders",
    "tk": "ticket",
    "ts": "tape",
    "sg": "signals",
}
"""What may follow a symbol, and the pane it opens; `go` only focuses."""

PLAIN_COMMANDS = ("pause", "play", "step", "limits", "desks", "alerts", "log", "quit")
COMMANDS = (
    "x",
    "xx",
    "m",
    "flat",
    "flat!",
    "rev",
    *STATES,
    "split",
    "dividend",
    "watch",
    "unwatch",
    "theme",
    "speed",
    "jump",
    "help",
    *PLAIN_COMMANDS,
)

ORDER_WORDS = frozenset(
    {
        *SIDES,
        *BASES,
        MARKET,
        LIMIT,
        *TIFS,
        REDUCE_ONLY,
        POST_ONLY,
        EITHER_OR,
        *UNAVAILABLE,
        "pos",
        "go",
        "stp",
        "tr",
        "sl",
        "tp",
        STRATEGY_KEY,
    }
)
"""What can't be a symbol inside an order without a quote."""

RESERVED = ORDER_WORDS | frozenset(COMMANDS) | frozenset(VIEWS) | {FIRM}
"""What `describe` writes with a quote when it is a symbol."""
