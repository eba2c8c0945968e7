"""Where the limits come from: a file that may change while the desk runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.risk.limits import BUILT_IN, Limits, lay_over_built_in, validate
from engine.toml_files import convert_toml, read_toml

_Stamp = tuple[int, int, int]


class LimitsSource:
    """The limits in force; a wrong file changes nothing. Nothing is read before `reload`."""

    __slots__ = ("_stamp", "limits", "path", "source", "version")

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.limits: Limits = BUILT_IN
        self.source = "built-in limits"
        """Where the limits in force came from, and when they were saved, in words."""
        self.version = 0
        """Counts every change of the limits."""
        self._stamp: _Stamp | None = None

    def reload(self) -> str:
        """Read the file again, and return what happened as a sentence; without a file, the built-in limits.

        Raises:
            ConfigError: the file is wrong; the limits in force stay as they were.
        """
        self._stamp = self._look()
        if self.path is None or self._stamp is None:
            return self._take(BUILT_IN, "built-in limits", "built-in limits are in force")
        limits = read_limits(self.path)
        saved = datetime.fromtimestamp(self._stamp[0] // NS_PER_S, UTC)
        source = f"{self.path.name}, saved {saved:%Y-%m-%d %H:%M} UTC"
        return self._take(limits, source, f"limits from {self.path.name} are in force")

    def use(self, limits: Limits, source: str) -> None:
        """Put limits in force that came from elsewhere.

        Raises:
            ConfigError: they are not valid.
        """
        validate(limits)
        self._take(limits, source, "")

    def changed_on_disk(self) -> bool:
        """Return whether the file is another than the one last read, good or bad; one system call."""
        return self.path is not None and self._look() != self._stamp

    def _take(self, limits: Limits, source: str, sentence: str) -> str:
        self.limits = limits
        self.source = source
        self.version += 1
        return sentence

    def _look(self) -> _Stamp | None:
        if self.path is None:
            return None
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def read_limits(path: Path) -> Limits:
    """Read a limits file over the built-in limits.

    Raises:
        ConfigError: names the file, the setting and what it expects.
    """
    limits = lay_over_built_in(convert_toml(read_toml(path), Limits, path))
    try:
        validate(limits)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return limits
