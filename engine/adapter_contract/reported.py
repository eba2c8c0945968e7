"""What a report is about."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from engine.messages.reports import CorrectReport, FillReport, LinkReport, Report, StatusReport, StockReport
from engine.model.fill import Fill


def subject(report: Report) -> str:
    """Return the client id of the order that a report is about, empty for one about no order."""
    if isinstance(report, FillReport | CorrectReport):
        return report.fill.client_id
    if isinstance(report, StatusReport):
        return report.order.client_id
    return "" if isinstance(report, StockReport | LinkReport) else report.client_id


def told(fills: Iterable[Fill]) -> set[Fill]:
    """Return what was told of fills; when it was heard is not part of it."""
    return {replace(fill, receive_ns=0) for fill in fills}
