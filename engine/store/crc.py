"""The checksum of records: CRC-32C, by the C function of the package `crc32c`.

The package itself brings a command of its own and reads which packages are installed; the desk would wait for
that at every start. So the function is taken from its extension alone.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, Final


def _extension() -> Any:
    package = find_spec("crc32c")
    assert package is not None, "crc32c is a dependency"
    spec = PathFinder.find_spec("_crc32c", package.submodule_search_locations)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


crc32c: Final[Callable[..., int]] = _extension().crc32c
"""Returns the checksum of bytes, going on from another one where that is given."""
