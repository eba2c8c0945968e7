"""The page of the log and the collectors' configurations say what is written."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from engine.bus import Bus
from engine.messages.circuits import Operation, VenueCalled
from engine.messages.commands import CancelOrder, TradingState
from engine.messages.events import (
    AlertRaised,
    AmendDenied,
    OrderChanged,
    OrderDenied,
    OrderFilled,
    OrderSubmitted,
    Severity,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.log_table import EVENTS, Component
from engine.messages.order_path import CommandTaken, OrderSent, Request
from engine.model.order import Order, OrderStatus
from engine.observe.event_notes import EventNotes
from engine.observe.logs import GATEWAY_NAME, NAME, EventLog
from engine.observe.storms import KEPT_MAX
from tests.documented import ROOT, code, page, rows
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.paper_bench import make_instrument
from tests.unit.engine.test_observe_logs import make_fill

REQUEST = make_request("abc-1", correlation="key-9")
COMMON = {"at", "level", "component", "event", "correlation", "cause"}


def told(head: str) -> list[list[str]]:
    """Return the rows of the page's table that begins so."""
    _, _, rest = page("docs/logs.md").partition(f"| {head} |")
    return rows(f"| {head} |{rest.partition(chr(10) * 2)[0]}")


def written(folder: Path) -> dict[str, dict[str, Any]]:
    """Return a line of each event that the engine writes."""
    bus, log = Bus(), EventLog(folder, lambda: 1)
    log.open()
    EventNotes(bus, log)
    order = Order(REQUEST, make_instrument())
    for event in (
        CommandTaken(CancelOrder("abc-1"), "k-1", "desk", "ann", 1),
        OrderDenied(REQUEST, (), 1),
        AmendDenied("abc-1", (), 1),
        OrderSubmitted(REQUEST, 1),
        OrderSent(order, Request.SUBMIT, 1),
        OrderChanged(order, OrderStatus.WORKING, 1, moved=True),
        OrderFilled(order, make_fill(5)),
        VenueCalled("kraken", Operation.DATA, "", 1.0, "", 1),
        TradingStateChanged(TradingState.HALTED, "x", None, 1),
        TradingStateChanged(TradingState.HALTED, "x", None, 1, firm_version=7),
        TradingArmed("MAIN", "desk", 1),
        TradingDisarmed("x", "desk", 1),
        AlertRaised(Severity.INFO, "feed", "gone", 1),
    ):
        bus.publish(event)
    for _ in range(KEPT_MAX):
        bus.publish(AlertRaised(Severity.INFO, "feed", "gone", 1))
    log.close()
    return {each["event"]: each for each in map(json.loads, (folder / NAME).read_text().splitlines())}


def test_the_page_tells_every_component_and_every_event() -> None:
    assert [code(row[0]) for row in told("component")] == [each.value for each in Component]
    shown = {code(row[0]): (code(row[1]), row[4]) for row in told("event")}
    assert shown == {event: (component.value, text) for event, (component, text) in EVENTS.items()}


def test_the_page_tells_every_field_level_and_component_of_what_the_engine_writes(tmp_path: Path) -> None:
    shown = {code(row[0]): row for row in told("event")}
    lines = written(tmp_path)
    for event, line in lines.items():
        _, component, levels, fields, _ = shown[event]
        assert set(line) - COMMON == set(re.findall(r"`(\w+)`", fields)), event
        assert line["level"] in levels.split(", "), event
        assert code(component) == line["component"] or event == "lines left out"
    others = {name for name, (component, _) in EVENTS.items() if component is not Component.GATEWAY} - set(
        lines
    )
    assert others == {"engine started", "engine stopped", "entries dropped"}
    assert {code(row[0]) for row in told("field")} == COMMON


def test_every_event_that_code_notes_is_in_the_table() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "engine").rglob("*.py"))
    noted = set(re.findall(r"""log\.note\(\s*"\w+",\s*"([a-z ]+)\"""", text))
    assert {"engine started", "request", "fault"} <= noted
    assert noted <= set(EVENTS)


def test_a_collector_reads_both_logs_and_names_only_what_is_there() -> None:
    known = COMMON | {name for row in told("event") for name in re.findall(r"`(\w+)`", row[3])}
    vector = tomllib.loads((ROOT / "docs" / "collectors" / "vector.toml").read_text(encoding="utf-8"))
    names = {Path(each).name for each in vector["sources"]["touchline"]["include"]}
    assert names == {NAME, GATEWAY_NAME}
    parts = {*vector["sources"], *vector["transforms"]}
    for part in (*vector["transforms"].values(), *vector["sinks"].values()):
        assert {each.removesuffix(".dropped") for each in part["inputs"]} <= parts
    text = vector["transforms"]["lines"]["source"] + vector["transforms"]["loud"]["condition"]
    own = {"file", "message", "log", "timestamp", "severity", "trace"}
    assert set(re.findall(r"(?<![\w)])\.(\w+)", text)) <= known | own
    events = set(re.findall(r'\.event == "([^"]+)"', text))
    assert events
    assert events <= set(EVENTS)


def test_fluent_bit_s_configuration_names_only_what_is_there() -> None:
    text = (ROOT / "docs" / "collectors" / "fluent-bit.conf").read_text(encoding="utf-8")
    for line in text.splitlines():
        assert re.fullmatch(r"(?:#.*|\[[A-Z]+\]| +[A-Z]\w+ +\S.*|)", line), line
    assert {Path(each).name for each in re.findall(r"\$\{TOUCHLINE_LOGS\}/([\w.]+)", text)} == {
        NAME,
        GATEWAY_NAME,
    }
    (event,) = re.findall(r"Exclude +event \^(.+)\$", text)
    assert event in EVENTS
    assert re.search(r"Time_Key +at$", text, re.MULTILINE)
