"""The market that another desk shares: named `desk:NAME`, by the name that the other desks call it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from engine.adapters.adapter import Adapter, Beginning, NameForm
from engine.errors import ConfigError
from engine.messages.shared_quotes import WHOLE_S
from engine.model.text import clean
from engine.settings.venues import DeskFeedSettings

if TYPE_CHECKING:
    from engine.ports.venue import LiveVenue

NAME_MAX: Final = 40
SILENCE_S_MIN: Final = 2 * WHOLE_S
_NAMES = NameForm(re.compile(r"(?=.*[A-Z]|[^a-z]*$)[A-Za-z0-9$._:/-]{1,48}"), "BTC/USD")
"""Whatever venues call things: what is typed in small letters alone is meant in capitals."""


def desk(name: str) -> Adapter:
    """Return the adapter of one desk.

    Raises:
        ConfigError: no desk can be called so.
    """
    if not name or len(name) > NAME_MAX or clean(name, NAME_MAX) != name:
        raise ConfigError(
            f"say which desk, as in desk:tower; touchline desks tells their names; found {clean(name, 48)!r}"
        )

    def begin(terms: Beginning) -> LiveVenue:
        from engine.adapters.desks.enquiry import refuse_unknown  # noqa: PLC0415  # only what is used
        from engine.adapters.desks.market_data import DeskSource  # noqa: PLC0415

        if terms.open_desk is None:
            raise ConfigError(f"desk:{name}: nothing is shared with other desks here")
        silence_s = terms.settings.silence_s
        if silence_s < SILENCE_S_MIN:
            raise ConfigError(
                f"venues.desk.silence_s: expected at least {SILENCE_S_MIN:g}, since a desk that is well speaks "
                f"once a second; found {silence_s:g}"
            )
        refuse_unknown(name, terms.open_desk, terms.symbols)
        return DeskSource(name, terms.open_desk(name), terms.symbols, terms.clock, silence_s)

    return Adapter(
        name=f"desk:{name}",
        label=f"the desk {name}",
        names=_NAMES,
        settings=DeskFeedSettings,
        begin=begin,
    )


def _which(_terms: Beginning) -> LiveVenue:
    raise ConfigError("say which desk, as in desk:tower")


DESK = Adapter(
    name="desk",
    label="Desks that share a Redis",
    names=_NAMES,
    settings=DeskFeedSettings,
    begin=_which,
    member=desk,
    members="NAME",
)
