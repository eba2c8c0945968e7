"""The desk's own copy of what the engine told it. Widgets read it, nothing else."""

from __future__ import annotations

from datetime import UTC, tzinfo

from engine.mirror import Mirror
from engine.model.instrument import Symbol


class Desk(Mirror):
    """What is known on the screen's side, and how a person looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.zone: tzinfo = UTC
        """In which times of day are shown."""
        self.focus: Symbol | None = None
        """The symbol that depth, chart, tape and ticket show."""

    @property
    def predicts(self) -> bool:
        """Whether models predict here, as the settings have it."""
        return self.signals is not None
