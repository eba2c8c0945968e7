"""Secrets are planted where text comes from, and looked for in everything that the program writes."""

from __future__ import annotations

import unicodedata
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from engine.config import MetricsSettings
from engine.control.client import ask
from engine.control.requests import SetState, TellStatus
from engine.engine import Engine
from engine.errors import TransientError
from engine.messages.commands import ReloadLimits, TradingState
from engine.messages.reports import RejectReport
from engine.messages.views import Frame, ViewRequest
from engine.model.redaction import HIDDEN, redacted
from engine.model.text import clean
from engine.rooms import Rooms
from tests.attack.plants import MARKS, PLANTS, found_in, nothing_redacted
from tests.engine_rooms import Silent, buying, composed
from tests.waiting import wait_until


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_secret_is_hidden_and_the_rest_of_the_text_stays(name: str) -> None:
    assert found_in(PLANTS[name]) == {name}
    told = redacted(PLANTS[name])
    assert not found_in(told)
    assert HIDDEN in told
    assert not found_in(clean(PLANTS[name]))


@pytest.mark.parametrize(
    "text",
    [
        "buy 100 AAPL @ 190.5 day",
        "expected a number above 0, max, or a rate such as 50000/s, found 'x'",
        "config.toml: redis.password holds a secret, and this is production",
        "the credential of alpaca (key …9XYZ) is in the keyring",
        "https://paper-api.alpaca.markets/v2/orders answered 403: forbidden.",
        "insufficient buying power (40310000)",
        "Basic materials rose; a bearer bond fell",
        "tcp:127.0.0.1:6379",
    ],
)
def test_a_sentence_without_a_secret_is_left_alone(text: str) -> None:
    assert redacted(text) == text


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=200)
def test_redacting_twice_is_redacting_once_and_cleaned_text_fits(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)
    kept = clean(text, 40)
    assert len(kept) <= 40
    assert not {unicodedata.category(each) for each in kept} & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


async def broken() -> None:
    raise ValueError(PLANTS["pem"]) from KeyError(PLANTS["form"])


@contextmanager
def running(root: Path) -> Iterator[tuple[Rooms, Engine]]:
    """Run an engine whose source and one of whose services fail with secrets in their errors."""
    source = Silent(TransientError(f"{PLANTS['address']} {PLANTS['bearer']}"))
    with composed(root, source) as rooms:
        rooms.settings = structs.replace(rooms.settings, metrics=MetricsSettings(port=0))
        rooms.services.append(("probe", broken))
        engine = Engine(rooms)
        engine.start()
        try:
            yield rooms, engine
        finally:
            engine.stop()


def on_loop(engine: Engine, call: Callable[[], object]) -> None:
    done: Queue[object] = Queue()
    engine._thread.call(lambda: done.put(call()))
    done.get(timeout=30)


def everything_told(root: Path) -> dict[str, bytes]:
    """Have every plant come in by every way, and return all that went out: frames, pages, answers, files."""
    out: dict[str, bytes] = {}
    frames: list[Frame] = []
    with running(root) as (rooms, engine):
        wait_until(lambda: engine._observation.exporter.port != 0)
        (root / "config" / "limits.toml").write_text(f"[account]\n'{PLANTS['header']}' = 1\n")
        engine.submit(ReloadLimits())
        for number, (name, text) in enumerate(PLANTS.items()):
            order = buying(rooms, 10, 9_000 - number)
            engine.submit(order)
            on_loop(engine, lambda: None)
            report = RejectReport(order.request.client_id, clean(text), rooms.clock.now_ns())
            on_loop(engine, lambda report=report: rooms.orders.on_report(report))  # type: ignore[misc]
            answer = ask(rooms.folders.data, SetState(state=TradingState.HALTED, reason=text), 30)
            out[f"answer {name}"] = repr(answer).encode()
        out["status"] = repr(ask(rooms.folders.data, TellStatus(), 30)).encode()
        engine.drain(ViewRequest(everything=True), frames.append)
        wait_until(lambda: bool(frames))
        out["frame"] = repr(frames).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{engine._observation.exporter.port}/metrics") as page:
            out["metrics"] = page.read()
    files = [path for path in root.rglob("*") if path.is_file() and "config" not in path.parts]
    return out | {path.name: path.read_bytes() for path in files}


def test_no_planted_secret_comes_out_of_an_engine_anywhere(tmp_path: Path) -> None:
    told = everything_told(tmp_path)
    assert {"touchline.log", "audit.log", "frame", "metrics", "status"} <= told.keys()
    leaks = {place: sorted(found_in(content)) for place, content in told.items() if found_in(content)}
    assert leaks == {}


def test_the_search_finds_them_where_redaction_is_switched_off(tmp_path: Path) -> None:
    with nothing_redacted():
        told = everything_told(tmp_path)
    assert found_in(told["touchline.log"]) == set(MARKS)
    for place in ("audit.log", "frame"):
        assert len(found_in(told[place])) > 8
    assert any(found_in(content) for name, content in told.items() if name.endswith(".log") is False)
