from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from engine.config import MetricsSettings
from engine.messages.views import HealthState
from engine.observe.loopback import _PageHandler
from engine.observe.metrics import MetricsServer, Sample
from tests.waiting import wait_until

SAMPLES = (
    Sample("touchline_fills_total", "counter", "Fills.", (), 3.0),
    Sample("touchline_position", "gauge", "Held.", (("symbol", 'A"B\\C\nD'),), -2.5),
    Sample("touchline_position", "gauge", "Held.", (("symbol", "NVDA"),), 7.0),
    Sample("touchline_lag_seconds", "summary", "Late.", (("quantile", "0.5"),), 0.25),
    Sample("touchline_lag_seconds_sum", "summary", "Late.", (), 9.5),
    Sample("touchline_lag_seconds_count", "summary", "Late.", (), 4.0),
)


@contextmanager
def serving(
    samples: Callable[[], Iterable[Sample]] = lambda: SAMPLES, **wanted: str | int | bool
) -> Iterator[MetricsServer]:
    server = MetricsServer(MetricsSettings(**{"port": 0, **wanted}), samples)  # type: ignore[arg-type]  # a test's own words
    server.start()
    wait_until(lambda: server.reading().value != "starting")
    try:
        yield server
    finally:
        server.stop()


def ask(port: int, path: str = "/metrics", host: str | None = None, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def families(port: int) -> dict[str, Metric]:
    status, text = ask(port)
    assert status == 200
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_what_is_scraped_is_what_was_sampled() -> None:
    with serving() as server:
        found = families(server.port)
    assert {name: family.type for name, family in found.items()} == {
        "touchline_fills": "counter",
        "touchline_position": "gauge",
        "touchline_lag_seconds": "summary",
    }
    read = {
        (sample.name, tuple(sample.labels.items())): sample.value
        for family in found.values()
        for sample in family.samples
    }
    assert read == {(sample.name, sample.labels): sample.value for sample in SAMPLES}


def test_every_scrape_asks_anew() -> None:
    numbers = iter(range(100))
    with serving(lambda: [Sample("touchline_n", "gauge", "N.", (), next(numbers))]) as server:
        first, second = (families(server.port)["touchline_n"].samples[0].value for _ in range(2))
        wait_until(lambda: server.reading().number == 2)
    assert second == first + 1


def test_a_port_in_use_is_a_sentence_on_the_board() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(port=port) as server:
            reading = server.reading()
    assert reading.state is HealthState.DOWN
    assert f"127.0.0.1:{port}" in reading.detail
    assert "in use" in reading.detail


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"host": "0.0.0.0"}, "expected a loopback address"),
        ({"host": "nowhere"}, "nowhere"),
        ({"port": 70_000}, "70000"),
        ({"host": "::2"}, "expected a loopback address"),
    ],
)
def test_an_address_it_can_not_serve_at_is_a_sentence(wanted: dict[str, Any], said: str) -> None:
    with serving(**wanted) as server:
        reading = server.reading()
    assert reading.state is HealthState.DOWN
    assert said in reading.detail


def test_a_disabled_exporter_listens_to_nobody() -> None:
    with serving(enabled=False) as server:
        assert server.port == 0
        assert (server.reading().state, server.reading().value) == (HealthState.OFF, "disabled")


def test_only_the_one_page_is_served() -> None:
    with serving() as server:
        assert ask(server.port, "/")[0] == 404
        assert ask(server.port, "/metrics?name=x")[0] == 200
        assert ask(server.port, method="POST")[0] == 501


def test_a_web_page_that_points_its_name_here_learns_nothing() -> None:
    with serving() as server:
        status, text = ask(server.port, host=f"evil.test:{server.port}")
        assert status == 421
        assert "touchline_" not in text
        assert ask(server.port, host=f"localhost:{server.port}")[0] == 200


def test_samples_that_can_not_be_made_cost_one_scrape_only() -> None:
    broken = [False]

    def samples() -> Iterable[Sample]:
        if broken[0]:
            raise RuntimeError("no numbers")
        return SAMPLES

    with serving(samples) as server:
        broken[0] = True
        with pytest.raises(http.client.RemoteDisconnected):
            ask(server.port)
        broken[0] = False
        assert families(server.port)
        wait_until(lambda: "1 failed" in server.reading().detail)


def test_a_caller_who_says_nothing_does_not_hold_up_the_end() -> None:
    with serving() as server, socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.sendall(b"GET /metr")
        listener = server._server
        assert listener is not None
        wait_until(lambda: bool(listener._has_asked))
        server.stop()
        assert server.reading().value == "stopped"
        caller.settimeout(10)
        assert caller.recv(100) == b""


def test_callers_who_say_nothing_or_little_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_PageHandler, "timeout", 600)
    with serving() as server, ExitStack() as callers:
        silent = [
            callers.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(20)
        ]
        for caller in silent:
            with suppress(OSError):  # it was hung up on
                caller.sendall(b"G")
        assert families(server.port)
        assert silent[0].recv(100) == b"", "who says nothing for the longest makes room"
        wait_until(lambda: server.reading().detail == "1 scrapes · 13 failed", 20, found=server.reading)


def test_who_has_asked_is_answered_whoever_else_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_PageHandler, "timeout", 600)
    asked, may_answer = threading.Event(), threading.Event()

    def slowly() -> Iterable[Sample]:
        if threading.current_thread().name != "touchline-exporter":  # which tries it once before it listens
            asked.set()
            assert may_answer.wait(10)
        return SAMPLES

    with serving(slowly) as server, ExitStack() as callers:
        told: list[int] = []
        scrape = threading.Thread(target=lambda: told.append(ask(server.port)[0]))
        scrape.start()
        assert asked.wait(10)
        for _ in range(20):
            callers.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
        wait_until(lambda: server.reading().detail == "0 scrapes · 13 failed", 20, found=server.reading)
        may_answer.set()
        scrape.join()
    assert told == [200]


def test_stopping_frees_the_port_and_the_thread() -> None:
    with serving() as server:
        port = server.port
    assert server.port == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "touchline-exporter"]
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_stopping_before_it_listens_leaves_nothing_behind() -> None:
    server = MetricsServer(MetricsSettings(port=0), lambda: SAMPLES)
    server.start()
    server.stop()
    assert server.reading().state is HealthState.OFF
    assert not [thread for thread in threading.enumerate() if thread.name == "touchline-exporter"]
