"""What the process uses of its machine; where every program is measured by the same name, it is that name."""

from __future__ import annotations

import asyncio
import platform
import threading

from engine.observe.process import cpu_seconds, open_descriptors, open_descriptors_max
from engine.observe.told import Points, Told, one
from engine.version import program_version


def _built(_: float) -> Points:
    return (((program_version(), platform.python_version()), 1),)


def _open_descriptors(_: float) -> Points:
    count = open_descriptors()
    return () if count is None else one(count)


def _tasks(_: float) -> Points:
    try:
        return one(len(asyncio.all_tasks()))
    except RuntimeError:  # looked at from outside a loop: there is none to count in
        return ()


PROCESS_METRICS: tuple[Told[float], ...] = (
    Told(
        "touchline_build_info",
        "gauge",
        "Always 1; which version this is, on which Python.",
        ("version", "python"),
        _built,
    ),
    Told(
        "process_start_time_seconds",
        "gauge",
        "When this engine began, seconds since the epoch.",
        (),
        one,
    ),
    Told(
        "process_cpu_seconds_total",
        "counter",
        "Processor time of the process, the system's on its behalf included.",
        (),
        lambda _: one(cpu_seconds()),
    ),
    Told("process_open_fds", "gauge", "Open file descriptors.", (), _open_descriptors),
    Told(
        "process_max_fds",
        "gauge",
        "How many file descriptors may be open.",
        (),
        lambda _: one(open_descriptors_max()),
    ),
    Told("process_threads", "gauge", "Threads that run Python.", (), lambda _: one(threading.active_count())),
    Told("touchline_tasks", "gauge", "Tasks on the engine's loop.", (), _tasks),
)
"""Each is told by the second at which the engine began."""
