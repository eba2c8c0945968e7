"""Asks an engine that runs: its control socket, its exporter, its gateway."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from engine.clock import NS_PER_MS, SystemClock
from engine.control.client import ask
from engine.control.requests import TellStatus
from engine.errors import ConfigError, EngineError
from engine.gateway.listening import Address, address_in
from engine.preflight.facts import Facts, LiveFacts
from engine.preflight.machine import limits_of, newest_lines

_PATIENCE_S: Final = 5.0
_BYTES_MAX: Final = 4 << 20
_ERROR, _TOO_MANY = 500, 429
_SAMPLE: Final = re.compile(
    r"^([A-Za-z_:][\w:]*(?:\{.*\})?) ([-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)$", re.MULTILINE
)
_VENUE: Final = re.compile(r'touchline_circuit_state\{.*venue="([^"]+)"')
_GUARDED: Final = "/v1/positions"
"""A route that wants a token."""
_ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared, not bound


class _Told:
    """An answer over HTTP."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, took_ms: float) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.took_ms = took_ms


def asked(facts: Facts) -> Facts:
    """Return the facts with what the engine says that runs on the same data folder."""
    try:
        status = ask(facts.folders.data, TellStatus(), _PATIENCE_S).status
    except EngineError as error:
        return replace(facts, live=LiveFacts(trouble=str(error)))
    live = _gateway(facts, _exported(facts, LiveFacts(status=status)))
    live = _requests(live, facts.folders.logs / "gateway.log")
    live = replace(live, redirect=_redirect(facts))
    memory, cpu = limits_of(status.pid) if status is not None else ("", "")
    machine = replace(facts.machine, memory_max=memory, cpu_max=cpu)
    venues = {found[1] for name in live.metrics if (found := _VENUE.match(name)) is not None}
    return replace(facts, live=live, machine=machine, sources=len(venues) or None)


def _exported(facts: Facts, live: LiveFacts) -> LiveFacts:
    """Add what the exporter serves, by name and labels, or why it can't be read."""
    metrics = facts.settings.metrics
    where = f"{metrics.host}:{metrics.port}"
    if not metrics.enabled:
        return replace(live, metrics_trouble="the exporter is off")
    try:
        told = _get(_dialled(Address(metrics.host, metrics.port)), "/metrics", where)
    except (OSError, HTTPException) as error:
        return replace(live, metrics_trouble=f"the exporter at {where}: {error}")
    found = {name: float(value) for name, value in _SAMPLE.findall(told.body.decode("utf-8", "replace"))}
    trouble = "" if found else f"what answers at {where} is no exporter"
    return replace(live, metrics=found, metrics_trouble=trouble)


def _gateway(facts: Facts, live: LiveFacts) -> LiveFacts:
    """Ask the gateway for what wants a token, without one."""
    settings = facts.settings.gateway
    try:
        address = address_in(settings)
        name = _name(facts, address)
        told = _get(_encrypted(facts, _dialled(address)), _GUARDED, name)
    except ConfigError as error:
        return replace(live, gateway_trouble=str(error))
    except (OSError, HTTPException) as error:
        return replace(live, gateway_trouble=f"no gateway answers at {settings.listen}: {error}")
    return replace(live, gateway_ms=told.took_ms, gateway_status=told.status, gateway_headers=told.headers)


def _redirect(facts: Facts) -> str:
    """Return where plain HTTP leads to; empty where it leads nowhere."""
    settings = facts.settings.gateway
    if not settings.redirect_port:
        return ""
    try:
        address = address_in(settings)._replace(port=settings.redirect_port)
        told = _get(_dialled(address), _GUARDED, f"localhost:{settings.redirect_port}")
    except (OSError, HTTPException, ConfigError):
        return ""
    return told.headers.get("location", "")


def _name(facts: Facts, address: Address) -> str:
    """Return by which name the gateway is called."""
    hosts = facts.settings.gateway.hosts
    if address.path:
        return "localhost"
    return f"{hosts[0] if hosts and facts.certificate.told else 'localhost'}:{address.port}"


def _dialled(address: Address) -> socket.socket:
    if address.path:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_PATIENCE_S)
        connection.connect(address.path)
        return connection
    host = "127.0.0.1" if address.host in _ANYWHERE else address.host
    return socket.create_connection((host, address.port), _PATIENCE_S)


def _encrypted(facts: Facts, connection: socket.socket) -> socket.socket:
    """Return the connection encrypted, where the gateway shows a certificate: that one, and no other."""
    told = facts.certificate.told
    if told is None:
        return connection
    context = ssl.create_default_context()
    context.load_verify_locations(Path(facts.settings.gateway.certificate_file).expanduser())
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    named = (*facts.settings.gateway.hosts, *told.names, "localhost")
    name = next(each for each in named if not each.startswith("*"))
    return context.wrap_socket(connection, server_hostname=name)


def _get(connection: socket.socket, path: str, host: str) -> _Told:
    """Ask once over a connection, which is closed then."""
    now_ns = SystemClock().monotonic_ns
    client = http.client.HTTPConnection("localhost", timeout=_PATIENCE_S)
    client.sock = connection
    try:
        began_ns = now_ns()
        client.request("GET", path, headers={"Host": host})
        answer = client.getresponse()
        body = answer.read(_BYTES_MAX)
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return _Told(answer.status, headers, body, (now_ns() - began_ns) / NS_PER_MS)
    finally:
        client.close()


def _requests(live: LiveFacts, log: Path) -> LiveFacts:
    """Add how many of the newest requests there were, what became of them, and how long they took."""
    found = [told for line in newest_lines(log) if (told := _request_in(line)) is not None]
    took_ms = sorted(each for _, each in found)
    return replace(
        live,
        requests=len(found),
        errors=sum(status >= _ERROR for status, _ in found),
        limited=sum(status == _TOO_MANY for status, _ in found),
        answer_p99_ms=took_ms[min(len(took_ms) - 1, len(took_ms) * 99 // 100)] if took_ms else 0.0,
    )


def _request_in(line: bytes) -> tuple[int, float] | None:
    """Return the status of a request and how many milliseconds it took; None where a line is about something else."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("event") != "request":
        return None
    status, took_ms = found.get("status", 0), found.get("ms", 0.0)
    return (status, float(took_ms)) if isinstance(status, int) and isinstance(took_ms, int | float) else None
