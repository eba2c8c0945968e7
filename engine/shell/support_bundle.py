"""What somebody who helps needs to see, in one archive without secrets: gathered first, so that it can be listed before it is written."""

from __future__ import annotations

import io
import json
import os
import platform
import sys
import tarfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Final, NamedTuple

import msgspec

from engine.clock import NS_PER_S
from engine.config import Settings, load_settings
from engine.control.client import ask
from engine.control.requests import TellStatus
from engine.environment import is_production
from engine.errors import ConfigError, EngineError
from engine.files import whole_file
from engine.folders import Folders
from engine.model.redaction import HIDDEN, redacted
from engine.model.text import harmless
from engine.observe.log_files import LogFiles
from engine.observe.logs import GATEWAY_NAME, NAME
from engine.observe.timeline import NAME as TIMELINE
from engine.retention import what_is_kept
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE as EVENTS
from engine.signals.registry.event_store import unproven_events
from engine.signals.registry.standing import Standing
from engine.stray_secrets import secrets_in_environment, secrets_in_values
from engine.toml_files import read_toml

ROOT: Final = "touchline-support"
LINES_MAX: Final = 20_000
"""The newest lines of each log."""
_TOML_MAX: Final = 1_000_000
_STATUS_WAIT_S: Final = 3.0
_LEAST: Final = 6
"""A known secret that is shorter is hidden where its name stands; as a word it would be found everywhere."""
_LIBRARIES: Final = ("textual", "msgspec", "numpy", "pyarrow", "redis", "websockets", "httpx", "uvloop")
_FAULT: Final = "fault.txt"


class Part(NamedTuple):
    """One file of the archive: its text, or the file that is taken as it is."""

    name: str
    text: bytes = b""
    file: Path | None = None
    note: str = ""

    @property
    def size(self) -> int:
        """Bytes, as long as the file does not grow."""
        return self.file.stat().st_size if self.file is not None else len(self.text)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes into an archive, and what does not and why."""

    parts: tuple[Part, ...]
    left_out: tuple[str, ...]


class _Hiding:
    """Hides secrets by their value where one is known, by their shape everywhere."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = sorted({each for each in known if len(each) >= _LEAST}, key=len, reverse=True)
        self._home = os.fspath(Path.home())

    def hide(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, HIDDEN).replace(json.dumps(secret)[1:-1], HIDDEN)
        text = redacted(text)
        return text.replace(self._home, "~") if len(self._home) > 1 else text


def gather(folders: Folders, settings: Path, *, journal: bool = False) -> Bundle:
    """Read everything that goes in; whatever is damaged is named, and the rest is there.

    No key, no vault, no operator, no audit log and no backup is ever read; the journal only if `journal`, as it is.
    """
    left_out: list[str] = []
    values = dict(_values(_tables(folders, settings), left_out))
    secrets = [*secrets_in_environment()]
    for _, table in values.values():
        secrets += secrets_in_values(table)
    hiding = _Hiding(secrets)
    parts = [_about(folders, settings, hiding)]
    parts += [Part(f"config/{name}", hiding.hide(text).encode()) for name, (text, _) in values.items()]
    parts += _models(folders, hiding, left_out)
    parts += _logs(folders, hiding, left_out)
    parts += _status(folders, hiding, left_out)
    if journal:
        parts += _journals(folders)
    return Bundle(tuple(parts), tuple(left_out))


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write the archive, for nobody else to read.

    Raises:
        ConfigError: there is such a file already, or it can't be written.
    """
    if path.exists():
        raise ConfigError(f"{path}: there is such a file already; give another name")
    try:
        with whole_file(path) as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for part in (_contents(bundle), *bundle.parts):
                _add(archive, part)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; nothing was written") from error


def _tables(folders: Folders, settings: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files that a person wrote; of what else lies beside them nothing is read."""
    yield settings.name, settings
    others = {*folders.config.glob("*.toml"), *folders.themes.glob("*.toml")} - {settings}
    yield from ((os.fspath(each.relative_to(folders.config)), each) for each in sorted(others))


def _values(
    tables: Iterable[tuple[str, Path]], left_out: list[str]
) -> Iterator[tuple[str, tuple[str, dict[str, object]]]]:
    for name, path in tables:
        if not path.is_file():
            continue
        try:
            if path.stat().st_size > _TOML_MAX:
                raise ConfigError(f"more than {_TOML_MAX:,} bytes")
            yield name, (path.read_text(encoding="utf-8"), read_toml(path))
        except (EngineError, OSError, UnicodeDecodeError) as error:
            why = redacted(harmless(str(error)))
            left_out.append(f"config/{name}: it can't be read, so nobody knows where its secrets are: {why}")


def _about(folders: Folders, settings: Path, hiding: _Hiding) -> Part:
    said, found = "read", Settings()
    try:
        found = load_settings(settings)
    except EngineError as error:
        said = str(error)
    from engine.version import program_version  # noqa: PLC0415  # beside what it is told with

    told = {
        "touchline": program_version(),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "production": is_production(),
        "libraries": dict(_libraries()),
        "settings": said,
        "kept": [
            {
                "kind": kept.kind.value,
                "files": sum(item.files for item in kept.items),
                "bytes": sum(item.bytes for item in kept.items),
                "newest_ns": max((item.last_ns for item in kept.items), default=0),
            }
            for kept in what_is_kept(folders, found)
        ],
    }
    return Part("about.json", f"{hiding.hide(json.dumps(told, indent=2))}\n".encode())


def _libraries() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "not installed"


def _models(folders: Folders, hiding: _Hiding, left_out: list[str]) -> Iterator[Part]:
    """Yield which versions of models there are and how they stand, held against no key; nothing of the models themselves."""
    try:
        events = unproven_events(folders.data / EVENTS)
        told = {
            name: Standing.of(each for each in events if each.name == name)
            for name in {e.name for e in events}
        }
    except ModelRefused as error:
        left_out.append(f"models.json: {hiding.hide(str(error))}")
        return
    if told:
        stages = {
            name: {v: stage.value for v, stage in one.stages.items()} for name, one in sorted(told.items())
        }
        yield Part(
            "models.json", f"{hiding.hide(json.dumps(stages, indent=2))}\n".encode(), note="versions alone"
        )


def _logs(folders: Folders, hiding: _Hiding, left_out: list[str]) -> Iterator[Part]:
    for name, folder in ((NAME, folders.logs), (GATEWAY_NAME, folders.logs), (TIMELINE, folders.data)):
        log = LogFiles(folder / name)
        try:
            lines = deque(log.history(), maxlen=LINES_MAX)
        finally:
            log.close()
        if log.unreadable:
            left_out.append(f"logs/{name}: {log.unreadable:,} lines that can't be read")
        if lines:
            hidden = (f"{hiding.hide(line.decode(errors='replace'))}\n" for line in lines)
            yield Part(f"logs/{name}", "".join(hidden).encode(), note=f"{len(lines):,} lines")
    fault = folders.logs / _FAULT
    try:
        yield Part(f"logs/{_FAULT}", hiding.hide(fault.read_text(errors="replace")).encode())
    except FileNotFoundError:
        return
    except OSError as error:
        left_out.append(f"logs/{_FAULT}: {error.strerror}")


def _status(folders: Folders, hiding: _Hiding, left_out: list[str]) -> Iterator[Part]:
    try:
        status = ask(folders.data, TellStatus(), _STATUS_WAIT_S).status
    except (EngineError, OSError) as error:
        left_out.append(f"status.json: {hiding.hide(str(error))}")
        return
    if status is not None:
        text = msgspec.json.format(msgspec.json.encode(status)).decode()
        yield Part("status.json", f"{hiding.hide(text)}\n".encode(), note="of the desk that runs")


def _journals(folders: Folders) -> Iterator[Part]:
    """Yield the journals' files as they are: bytes of records, which hiding would make unreadable."""
    place = folders.data / "journal"
    for path in sorted(place.rglob("*.tlj")):
        if path.is_file() and not path.is_symlink():
            name = f"journal/{os.fspath(path.relative_to(place))}"
            yield Part(name, file=path, note="as it is: nothing in it is hidden")


def _contents(bundle: Bundle) -> Part:
    lines = [f"{part.size:>12,}  {part.name}  {part.note}".rstrip() for part in bundle.parts]
    lines += [f"{'left out':>12}  {each}" for each in bundle.left_out]
    return Part("CONTENTS.txt", "".join(f"{line}\n" for line in lines).encode())


def _add(archive: tarfile.TarFile, part: Part) -> None:
    if part.file is None:
        _add_bytes(archive, part.name, len(part.text), io.BytesIO(part.text), 0)
        return
    with part.file.open("rb") as file:
        told = os.fstat(file.fileno())
        _add_bytes(archive, part.name, told.st_size, file, told.st_mtime_ns // NS_PER_S)


def _add_bytes(archive: tarfile.TarFile, name: str, size: int, file: IO[bytes], changed_s: int) -> None:
    """Add a file that names neither its owner nor its host."""
    info = tarfile.TarInfo(f"{ROOT}/{name}")
    info.size, info.mode, info.mtime = size, 0o600, changed_s
    archive.addfile(info, file)
