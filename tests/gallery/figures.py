"""Numbers as Grafana writes them in the units of the dashboard."""

from __future__ import annotations

UNITS = {
    "": "",
    "short": "",
    "s": "seconds",
    "percentunit": "percent",
    "ops": "a second",
    "reqps": "requests a second",
    "bytes": "bytes",
    "dateTimeFromNow": "",
}
"""What each unit of the dashboard is called beside a title."""
_THOUSANDS = ((1e9, "B"), (1e6, "M"), (1e3, "K"))
_BYTES = ((1024.0**3, " GiB"), (1024.0**2, " MiB"), (1024.0, " KiB"))
_TIMES = ((86_400.0, " d"), (3_600.0, " h"), (60.0, " min"), (1.0, " s"), (1e-3, " ms"), (1e-6, " µs"))


def figure(value: float, unit: str) -> str:
    """Return a number in its unit, with three digits at most where it is large."""
    if unit == "percentunit":
        return f"{value * 100:.3g}%"
    if value == 0:
        return "0"
    if unit == "s":
        return _scaled(value, _TIMES)
    if unit == "bytes":
        return _scaled(value, _BYTES)
    return _scaled(value, _THOUSANDS)


def _scaled(value: float, scales: tuple[tuple[float, str], ...]) -> str:
    for scale, suffix in scales:
        if abs(value) >= scale:
            return f"{_short(value / scale)}{suffix}"
    return _short(value)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
