"""The whole checklist: every item judged, and signed by the key of the audit log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from engine.preflight.facts import Facts
from engine.preflight.found import WELL, Found, Status
from engine.preflight.items import ITEMS, Item, Section
from engine.preflight.registry import CHECKS
from engine.preflight.sign_offs import SignOff, with_signature


class Row(Struct, frozen=True, kw_only=True):
    """One item, and how it stands."""

    id: str
    title: str
    section: Section
    blocks: bool
    status: Status
    evidence: str
    remedy: str
    signed_by: str = ""
    signed_ns: int = 0

    @property
    def fails(self) -> bool:
        """Whether it is a fault that keeps live trading disarmed."""
        return self.blocks and self.status is Status.FAIL

    @property
    def holds_back(self) -> bool:
        """Whether live trading stays disarmed because of it: a fault, or a person has not signed yet."""
        return self.blocks and self.status not in WELL


class Report(Struct, frozen=True, kw_only=True):
    """All of them at one moment."""

    version: str
    looked_ns: int
    production: bool
    live: bool
    """Whether an engine that runs was asked."""
    account: str
    rows: tuple[Row, ...]
    key: str = ""
    """Which key of the audit log signed it; empty where there is none."""
    signature: str = ""

    def counts(self) -> dict[str, int]:
        """Return how many stand how, those that need somebody first."""
        found = Counter(row.status for row in self.rows)
        order = (Status.FAIL, Status.WAITS, Status.UNSET, Status.PASS, Status.SIGNED, Status.NOT_APPLICABLE)
        return {status.value: found[status] for status in order}

    def failing(self) -> list[str]:
        """Return the ids of the faults that keep live trading disarmed."""
        return [row.id for row in self.rows if row.fails]

    def holding_back(self) -> list[str]:
        """Return the ids of all that keeps it disarmed."""
        return [row.id for row in self.rows if row.holds_back]

    def content(self) -> bytes:
        """Return what the signature is over."""
        return msgspec.json.encode(msgspec.structs.replace(self, key="", signature=""))


def judge(item: Item, facts: Facts, signed: Mapping[str, SignOff]) -> Row:
    """Judge one item by the facts; a check that breaks has failed."""
    found = _found(item, facts)
    found, sign_off = with_signature(item.id, found, signed)
    return Row(
        id=item.id,
        title=item.title,
        section=item.section,
        blocks=item.blocks,
        status=found.status,
        evidence=found.evidence,
        remedy="" if found.status in WELL else found.remedy.replace(" ID ", f" {item.id} "),
        signed_by=f"{sign_off.who} as {sign_off.capacity}" if sign_off is not None else "",
        signed_ns=sign_off.at_ns if sign_off is not None else 0,
    )


def _found(item: Item, facts: Facts) -> Found:
    try:
        return CHECKS[item.id](facts)
    except Exception as error:  # noqa: BLE001  # what can't be judged is not fit, and the others are judged
        return Found(Status.FAIL, f"the check broke: {type(error).__name__}: {error}", "report it")


def report(
    facts: Facts, signed: Mapping[str, SignOff], items: Iterable[Item] = ITEMS, *, live: bool = False
) -> Report:
    """Judge items by the facts."""
    return Report(
        version=facts.version,
        looked_ns=facts.now_ns,
        production=facts.production,
        live=live,
        account=facts.settings.account.name,
        rows=tuple(judge(item, facts, signed) for item in items),
    )
