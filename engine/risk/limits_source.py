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

    __slots__ = ("_found", "_source", "_stamp", "held", "limits", "path", "version")

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.limits: Limits = BUILT_IN
        self.held: tuple[str, ...] = ()
        """What the file that was read last loosens, and is not in force for; see `loosened`."""
        self.version = 0
        """Counts every change of the limits."""
        self._source = "built-in limits"
        self._found = (BUILT_IN, self._source, "")
        self._stamp: _Stamp | None = None

    @property
    def source(self) -> str:
        """Where the limits in force came from, and when they were saved, in words."""
        return f"{self._source} (a looser file is held back)" if self.held else self._source

    def reload(self) -> str:
        """Read the file again, and return what happened as a sentence; without a file, the built-in limits.

        Raises:
            ConfigError: the file is wrong; the limits in force stay as they were.
        """
        self.look()
        return self.take()

    def look(self) -> Limits:
        """Read the file again and return what it says; it is in force from `take` on.

        Raises:
            ConfigError: the file is wrong; the limits in force stay as they were.
        """
        self._stamp, self.held = self._look(), ()
        if self.path is None or self._stamp is None:
            self._found = (BUILT_IN, "built-in limits", "built-in limits are in force")
        else:
            limits = read_limits(self.path)
            saved = datetime.fromtimestamp(self._stamp[0] // NS_PER_S, UTC)
            source = f"{self.path.name}, saved {saved:%Y-%m-%d %H:%M} UTC"
            self._found = (limits, source, f"limits from {self.path.name} are in force")
        return self._found[0]

    def take(self) -> str:
        """Put in force what was read last, and return that as a sentence."""
        return self._take(*self._found)

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
        self._source = source
        self.held = ()
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
