"""What an authenticated request to the gateway costs, beside a bare server of the same kind that knows nobody.

The processor time of the thread that serves counts, for each request on a connection that is kept.
"""

from __future__ import annotations

import http.client
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from engine.clock import SystemClock
from engine.security.operators.roles import Role
from engine.security.tokens.claims import Kind
from engine.security.tokens.keys import new_signing_keys
from engine.security.tokens.mint import Mint, new_id
from engine.security.tokens.verifier import Verifier
from engine.serving import AUDIENCE, ISSUER
from engine.thread import LoopThread
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row
from tests.unit.engine.gateway_bench import served

_ROUNDS, _REQUESTS, _QUICK_REQUESTS = 7, 200, 10
_PATH = "/v1/account"


def rows(options: Options) -> list[Row]:
    """Return the row of a read with a token: host, page, token, limit and role looked at, a fresh view encoded, noted in the log."""
    mine, ratios = [], []
    count = _QUICK_REQUESTS if options.quick else _REQUESTS
    with (
        TemporaryDirectory() as folder,
        served(Path(folder) / "gateway") as gateway,
        bare() as (bare_thread, port),
    ):
        for number in range(options.rounds(_ROUNDS)):
            theirs = _cost_us(bare_thread, port, count, {})
            token = gateway.token(Role.TRADER, f"reader {number}")
            mine.append(
                _cost_us(gateway.server._thread, gateway.port, count, {"Authorization": f"Bearer {token}"})
            )
            ratios.append(mine[-1] / theirs)
    name, peer = "gateway, an authenticated read", "starlette on uvicorn: a constant, for anybody"
    value, ratio = statistics.median(mine), statistics.median(ratios)
    return [
        Row(name=name, value=value, unit="us", against=peer, ratio=ratio, goal="<= 3.0"),
        _token_row(options.rounds(_ROUNDS), count),
    ]


def _token_row(rounds: int, count: int) -> Row:
    """Return the row of a token that comes again, beside one whose signature is looked at."""
    clock, keys = SystemClock(), new_signing_keys()
    told = {"issuer": ISSUER, "audience": AUDIENCE}
    mint, verifier = Mint(lambda: keys, clock, **told), Verifier(lambda: keys, clock, **told)
    again: list[float] = []
    first: list[float] = []
    for _ in range(rounds):
        tokens = [mint.signed(mint.claims(Kind.ACCESS, "ada", "trader", new_id())) for _ in range(count)]
        for taken in (first, again):
            began_ns = time.perf_counter_ns()
            for token in tokens:
                verifier.claims_of(token, Kind.ACCESS)
            taken.append((time.perf_counter_ns() - began_ns) / count / 1_000)
    value = statistics.median(again)
    return Row(
        name="gateway, a token that was seen before",
        value=value,
        unit="us",
        against="the same, its signature looked at (Ed25519)",
        ratio=value / statistics.median(first),
        goal="<= 0.1",
    )


@contextmanager
def bare() -> Iterator[tuple[LoopThread, int]]:
    """Run a server that answers a constant; yield its thread and its port."""

    async def constant(_: Request) -> JSONResponse:
        return JSONResponse({"account": {"name": "PAPER-1", "cash": "1000000.000000"}})

    app = Starlette(routes=[Route(_PATH, constant)])
    server = uvicorn.Server(
        uvicorn.Config(app, http="h11", log_config=None, access_log=False, lifespan="off")
    )
    listener = socket.create_server(("127.0.0.1", 0))
    thread = LoopThread("bare-server")
    thread.start(lambda: server.serve(sockets=[listener]))
    try:
        yield thread, int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.wait(5)


def _cost_us(thread: LoopThread, port: int, count: int, headers: dict[str, str]) -> float:
    """Return how much of its processor a thread spends on one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    before_ns = _spent_ns(thread)
    for _ in range(count):
        connection.request("GET", _PATH, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    spent_ns = _spent_ns(thread) - before_ns
    connection.close()
    return spent_ns / count / 1_000


def _spent_ns(thread: LoopThread) -> int:
    """Ask a thread how much of its processor it has spent."""
    told: Future[int] = Future()
    thread.call(lambda: told.set_result(time.thread_time_ns()))
    return told.result(20)
