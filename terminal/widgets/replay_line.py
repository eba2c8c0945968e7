"""The row of a replay: how it plays, where in its span it is, and of what files it is."""

from __future__ import annotations

from typing import ClassVar

from engine.messages.playback_views import PlaybackView
from engine.model.text import clean
from terminal.format import compact, date_of, time_of_day, zone_name
from terminal.strips import Run
from terminal.widgets.fitting import Part, fitted
from terminal.widgets.gauge import gauge
from terminal.widgets.pane import LivePane

AS_THE_CLOCK = "▸ 1x"
"""What is said of a market that moves as the clock does."""
_NAME_CELLS = 36
_GAUGE_CELLS = 16
_ROOMY = 110
"""From so many cells on there is room for a gauge."""
_NEAR = 0.1
"""A pace that falls short by less than this is the one that was asked for; a jump is no pace."""


class ReplayLine(LivePane, can_focus=False):
    """One row; what matters less gives way first when the terminal is narrow."""

    DEFAULT_CSS: ClassVar[str] = "ReplayLine { height: 1; width: 1fr; }"

    reads: ClassVar[frozenset[str]] = frozenset({"clock", "playback"})

    def draw(self) -> None:
        """Put what fits of pace, span, place, and files."""
        playback = self.desk.playback
        if playback is None:
            self.put(0, (" replay begins", "faint"))
            return
        held = is_held(playback)
        parts = [
            Part(0, [(f" {pace_said(playback)}", "warn+b" if held else "accent+b")]),
            Part(1, self._place(playback)),
            Part(2, self._span(playback)),
            Part(3, self._files(playback)),
        ]
        self.put(0, *fitted(parts, self.size.width))

    def _fraction(self, playback: PlaybackView) -> float | None:
        """Return how far it is, 0 to 1; None where the files do not say when they end."""
        if playback.finished:
            return 1.0
        if not playback.end_known or playback.last_ns <= playback.first_ns:
            return None
        passed = (self.desk.now_ns - playback.first_ns) / (playback.last_ns - playback.first_ns)
        return min(1.0, max(0.0, passed))

    def _place(self, playback: PlaybackView) -> list[Run]:
        fraction = self._fraction(playback)
        if fraction is None:
            return []
        drawn = [*gauge(fraction, _GAUGE_CELLS, "accent"), (" ", "text")]
        return [*(drawn if self.size.width >= _ROOMY else ()), (f"{fraction * 100:.0f}%", "text+b")]

    def _span(self, playback: PlaybackView) -> list[Run]:
        if not playback.first_ns:
            return [("no events", "faint")]
        zone, first_ns, last_ns = self.desk.zone, playback.first_ns, playback.last_ns
        first, last = date_of(first_ns, zone), date_of(last_ns, zone)
        until = "?"
        if playback.end_known or playback.finished:
            until = f"{'' if last == first else f'{last} '}{time_of_day(last_ns, zone)}"
        return [
            (f"{first} {time_of_day(first_ns, zone)} → {until} ", "text"),
            (zone_name(first_ns, zone), "faint"),
        ]

    def _files(self, playback: PlaybackView) -> list[Run]:
        if not playback.files:
            return []
        name, more = clean(playback.files[0], _NAME_CELLS), len(playback.files) - 1
        return [(f"{name}{f' + {more} more' if more else ''}", "muted")]


def is_held(playback: PlaybackView) -> bool:
    """Return whether market time stands still."""
    return playback.finished or playback.paused


def pace_said(playback: PlaybackView) -> str:
    """Say how market time passes: as asked, and as it does where it can't follow."""
    if playback.finished:
        return "■ end"
    if playback.target_ns:
        return "» jumping"
    if playback.paused:
        return "‖ paused"
    asked = "max" if playback.speed == 0 else f"{playback.speed:g}x"
    achieved = playback.achieved
    if not achieved or 0 < (1 - _NEAR) * playback.speed <= achieved:
        return f"▸ {asked}"
    return f"▸ {asked} · {compact(achieved)}x now"
