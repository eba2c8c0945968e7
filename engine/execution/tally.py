"""What the order manager counts about the reports it is given."""

from __future__ import annotations


class Tally:
    """Counters for the health pane; each has only ever grown."""

    __slots__ = (
        "anomalies",
        "busts",
        "corrections",
        "duplicates",
        "late_fills",
        "orphans",
        "overfills",
        "reports",
    )

    def __init__(self) -> None:
        self.reports = 0
        self.duplicates = 0
        """Reports that said again what was known."""
        self.anomalies = 0
        """Reports that would have moved an order where its state does not lead."""
        self.late_fills = 0
        """Fills of orders that were already cancelled, expired or rejected."""
        self.overfills = 0
        """Fills beyond an order's quantity."""
        self.orphans = 0
        """Reports about orders we never sent."""
        self.busts = 0
        """Fills that the venue took back."""
        self.corrections = 0
        """Fills that the venue changed."""
