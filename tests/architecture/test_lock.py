"""The lock names everything that is needed, so that an install resolves nothing and finds the same for ever."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.sources import ROOT

_LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
_CLIENTS = (ROOT / "tests" / "conformance" / "clients.lock").read_text(encoding="utf-8")
_COINBASE = (ROOT / "tests" / "conformance" / "coinbase.lock").read_text(encoding="utf-8")
_GATEWAY = (ROOT / "tests" / "conformance" / "ib.lock").read_text(encoding="utf-8")
_SCANNER = (ROOT / "tests" / "conformance" / "sslyze.lock").read_text(encoding="utf-8")
_PEERS = (ROOT / "tests" / "benchmarks" / "peers.lock").read_text(encoding="utf-8")
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(lock: str = _LOCK) -> Iterator[Requirement]:
    """Yield what a lock pins on this platform."""
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            pin = Requirement(line.rstrip(" \\"))
            if pin.marker is None or pin.marker.evaluate():
                yield pin


def asked_for() -> Iterator[tuple[str, Requirement]]:
    """Yield each requirement of the project and of what it needs, with who asks for it."""
    extras = _PROJECT["optional-dependencies"]
    stated = [*_PROJECT["dependencies"], *extras["fast"], *extras["dev"]]
    left = [("pyproject.toml", need) for need in map(Requirement, stated) if _applies(need, "")]
    seen: set[str] = set()
    while left:
        asker, need = left.pop()
        yield asker, need
        name = canonicalize_name(need.name)
        for extra in {"", *need.extras}:
            if f"{name}[{extra}]" not in seen:
                seen.add(f"{name}[{extra}]")
                left += [(name, each) for each in _needs(name) if _applies(each, extra)]


def _needs(name: str) -> list[Requirement]:
    try:
        return [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return []


def _applies(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})


@pytest.mark.parametrize(
    "lock",
    [_LOCK, _CLIENTS, _COINBASE, _GATEWAY, _SCANNER, _PEERS],
    ids=["ours", "clients", "coinbase", "ib", "sslyze", "peers"],
)
def test_every_pin_is_one_version_with_hashes(lock: str) -> None:
    blocks = lock.split("\n")
    starts = [at for at, line in enumerate(blocks) if line and not line.startswith((" ", "#"))]
    assert len(starts) > 10
    for at in starts:
        assert "==" in blocks[at], blocks[at]
        assert "--hash=sha256:" in blocks[at + 1], blocks[at]


def test_the_lock_has_all_that_anything_in_it_asks_for() -> None:
    pinned = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins()}
    missing = [
        f"{asker} asks for {need}, the lock has {pinned.get(canonicalize_name(need.name))}"
        for asker, need in asked_for()
        if canonicalize_name(need.name) not in pinned
        or not need.specifier.contains(Version(pinned[canonicalize_name(need.name)]), prereleases=True)
    ]
    assert not missing


def test_the_clients_meet_the_program_with_the_versions_that_it_is_tested_with() -> None:
    ours = {pin.name: pin.specifier for pin in pins()}
    assert {
        pin.name: pin.specifier
        for pin in pins(_CLIENTS)
        if ours.get(pin.name, pin.specifier) != pin.specifier
    } == {}
