"""Recorded market data: recognised by content, merged by receive time, replayed at a pace."""

from engine.adapters.replay.layouts import check_files, describe
from engine.adapters.replay.source import Progress, ReplaySource

__all__ = ["Progress", "ReplaySource", "check_files", "describe"]
