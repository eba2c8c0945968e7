"""One measured path: its figure, what it is held against, and whether it meets its goal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True, kw_only=True)
class Row:
    """A figure, and its ratio to a peer or a limit that was measured or set in the same run."""

    name: str
    value: float
    unit: str
    against: str
    """The peer or the limit."""
    ratio: float | None
    """Our figure over the peer's or the limit's; None when the peer is not installed."""
    goal: str
    """A bound of the ratio: `<= 1.3` or `>= 0.5`."""
    met: bool | None = field(init=False)

    def __post_init__(self) -> None:
        sign, bound = self.goal.split()
        assert sign in {"<=", ">="}, self.goal
        if self.ratio is None:
            self.met = None
        else:
            self.met = self.ratio <= float(bound) if sign == "<=" else self.ratio >= float(bound)


def limited(name: str, value: float, unit: str, limit: float) -> Row:
    """Return the row of a figure that must stay under a limit of the same unit."""
    return Row(
        name=name, value=value, unit=unit, against=f"limit {limit:g} {unit}", ratio=value / limit, goal="<= 1"
    )


def table(rows: Iterable[Row]) -> str:
    """Return the rows as text with aligned columns."""
    cells = [("path", "value", "unit", "against", "ratio", "goal", "")]
    for row in rows:
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
        verdict = {True: "met", False: "MISSED", None: "not measured"}[row.met]
        cells.append((row.name, _figure(row.value), row.unit, row.against, ratio, row.goal, verdict))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(line, widths) for line in cells)


def write(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    texts = [
        text.rjust(width) if place in {1, 4} else text.ljust(width)
        for place, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(texts).rstrip()
