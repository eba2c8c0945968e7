"""Distributions that bring adapters, as an installer leaves them: a module, and what says that it is there."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

GOOD = """
    import re
    from msgspec import Struct
    from engine.adapters.adapter import Adapter, KeyForm, KeyUse, NameForm

    class Settings(Struct, frozen=True, forbid_unknown_fields=True):
        url: str = "wss://acme.example"
        depth: int = 10

    def begin(terms):
        raise TypeError("not a thing \\x1b[2J")

    ADAPTER = Adapter(
        name="{name}",
        label="Acme",
        names=NameForm(re.compile(r"[A-Z]{{3}}"), "ABC"),
        settings=Settings,
        key=KeyForm(KeyUse.ORDERS, "client number", "password"),
        begin=begin,
    )
"""
"""A whole descriptor of a venue that can't begin."""


class Strangers:
    """A folder on the path of modules, and who is installed in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        folder.mkdir()
        monkeypatch.syspath_prepend(str(folder))

    def install(self, name: str, source: str = GOOD, *, module: str = "", distribution: str = "") -> None:
        """Install a distribution with one adapter: `source` is its module's, which has ADAPTER."""
        module = module or f"touchline_{name.replace('-', '_')}"
        distribution = distribution or module.replace("_", "-")
        text = dedent(source.format(name=name) if source is GOOD else source)
        (self._folder / f"{module}.py").write_text(text, encoding="utf-8")
        info = self._folder / f"{distribution.replace('-', '_')}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[touchline.adapters]\n{name} = {module}:ADAPTER\n")
