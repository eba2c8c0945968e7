"""Spans at a real receiver, read by OpenTelemetry's own messages: requests, orders, databases, and the traces they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from engine.model.order import OrderStatus
from engine.security.operators.roles import Role
from engine.settings.gateway import GatewaySettings
from engine.settings.traces import TracesSettings
from engine.version import program_version
from tests.otlp_receiver import Receiver, receiving, values
from tests.unit.engine.gateway_bench import PASSWORD, GatewayBench, served
from tests.unit.engine.test_gateway_orders import time_passes
from tests.waiting import wait_until

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ORDER = {"symbol": "ABC", "side": "buy", "quantity": "5", "limit": "101.00"}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as each:
        yield each


@pytest.fixture(scope="module")
def gateway(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    traces = TracesSettings(endpoint=receiver.endpoint, service="desk-7")
    home = tmp_path_factory.mktemp("traced")
    with served(home, GatewaySettings(listen="127.0.0.1:0"), traces=traces) as bench, time_passes(bench):
        yield bench


def send(gateway: GatewayBench, key: str, body: dict[str, str], **headers: str) -> Any:
    told = gateway.ask(
        "POST",
        "/v1/orders",
        {"order": body},
        role=Role.TRADER,
        headers={"Idempotency-Key": key, **headers},
    )
    assert told.status in {200, 201, 422}, told.raw
    return told


def of_trace(receiver: Receiver, trace: str) -> dict[str, Span]:
    return {span.name: span for span in list(receiver.spans) if span.trace_id.hex() == trace}


def test_a_programs_order_is_one_trace_from_its_own_span_to_the_fill(
    gateway: GatewayBench, receiver: Receiver
) -> None:
    told = send(gateway, "traced-order-1", ORDER, traceparent=f"00-{TRACE}-{CALLER}-01")
    names = {"POST /v1/orders", "order", "gate", "journal", "broker", "order fill"}
    wait_until(lambda: names <= of_trace(receiver, TRACE).keys())
    spans = of_trace(receiver, TRACE)
    request, order = spans["POST /v1/orders"], spans["order"]
    assert request.parent_span_id.hex() == CALLER
    assert order.parent_span_id == request.span_id
    assert {spans[each].parent_span_id for each in ("gate", "journal", "broker", "order fill")} == {
        order.span_id
    }
    assert (request.kind, order.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_INTERNAL)
    correlation = told.headers["x-correlation-id"]
    said = values(request.attributes)
    assert said["touchline.correlation"] == values(order.attributes)["touchline.correlation"] == correlation
    assert (said["http.route"], said["http.response.status_code"]) == ("/v1/orders", told.status)
    assert receiver.resources[-1]["service.name"] == "desk-7"
    assert receiver.resources[-1]["service.version"] == program_version()
    assert set(receiver.paths) == {"/v1/traces"}


def test_the_parts_of_an_order_follow_one_another_within_it(
    gateway: GatewayBench, receiver: Receiver
) -> None:
    trace = TRACE[::-1]
    send(gateway, "traced-order-2", {**ORDER, "quantity": "7"}, traceparent=f"00-{trace}-{CALLER}-01")
    wait_until(lambda: {"order", "order fill"} <= of_trace(receiver, trace).keys())
    spans = of_trace(receiver, trace)
    order, gate, journal, broker = (spans[each] for each in ("order", "gate", "journal", "broker"))
    assert order.start_time_unix_nano <= gate.start_time_unix_nano <= gate.end_time_unix_nano
    assert gate.end_time_unix_nano == journal.start_time_unix_nano
    assert journal.end_time_unix_nano == broker.start_time_unix_nano
    assert broker.end_time_unix_nano == order.end_time_unix_nano
    assert spans["order fill"].start_time_unix_nano == order.end_time_unix_nano
    fill = values(spans["order fill"].attributes)
    assert (fill["touchline.quantity"], fill["touchline.price"]) == (7, 10_002)


def test_a_refused_order_says_which_rule_refused_it(gateway: GatewayBench, receiver: Receiver) -> None:
    trace = "1" * 32
    send(gateway, "traced-order-3", {**ORDER, "limit": "500.00"}, traceparent=f"00-{trace}-{CALLER}-01")
    wait_until(lambda: "order" in of_trace(receiver, trace))
    order = of_trace(receiver, trace)["order"]
    assert order.status.code == Status.STATUS_CODE_ERROR
    assert order.status.message
    assert values(order.attributes)["touchline.denied_by"]


def test_a_cancel_is_a_part_of_its_orders_trace(gateway: GatewayBench, receiver: Receiver) -> None:
    trace = "2" * 32
    told = send(gateway, "traced-order-4", {**ORDER, "limit": "90.00"}, traceparent=f"00-{trace}-{CALLER}-01")
    client_id = told.body["orders"][0]["client_id"]
    gateway.ask(
        "DELETE", f"/v1/orders/{client_id}", role=Role.TRADER, headers={"Idempotency-Key": "traced-cancel-1"}
    )
    wait_until(lambda: gateway.rooms.orders.orders[client_id].status is OrderStatus.CANCELED)
    wait_until(lambda: "order cancel" in of_trace(receiver, trace))
    cancel = of_trace(receiver, trace)["order cancel"]
    assert cancel.parent_span_id == of_trace(receiver, trace)["order"].span_id
    assert values(cancel.attributes)["touchline.status"] == "canceled"


@pytest.mark.parametrize(
    "traceparent",
    ["", f"00-{TRACE.upper()}-{CALLER}-01", f"ff-{TRACE}-{CALLER}-01", f"00-{'0' * 32}-{CALLER}-01"],
    ids=["empty", "upper case", "forbidden version", "no trace"],
)
def test_what_is_no_context_begins_a_trace_of_its_own(
    gateway: GatewayBench, receiver: Receiver, traceparent: str
) -> None:
    before = len(receiver.named("GET /v1/positions"))
    assert gateway.ask("GET", "/v1/positions", role=Role.VIEWER, headers={"traceparent": traceparent}).status
    wait_until(lambda: len(receiver.named("GET /v1/positions")) > before)
    span = receiver.named("GET /v1/positions")[-1]
    assert not span.parent_span_id
    assert span.trace_id.hex() not in {TRACE, "0" * 32}


def test_a_trace_that_its_beginner_does_not_keep_is_not_sent(
    gateway: GatewayBench, receiver: Receiver
) -> None:
    trace = "3" * 32
    gateway.ask("GET", "/v1/orders", role=Role.VIEWER, headers={"traceparent": f"00-{trace}-{CALLER}-00"})
    gateway.ask("GET", "/v1/account", role=Role.VIEWER)
    receiver.wait_for("GET /v1/account")
    assert not of_trace(receiver, trace)


def test_databases_are_spans_and_the_health_board_counts_what_arrived(
    gateway: GatewayBench, receiver: Receiver
) -> None:
    gateway.ask("POST", "/v1/sign-in", {"name": "tom", "password": PASSWORD})
    projection, revocations, request = receiver.wait_for(
        "sqlite projection", "sqlite revocations", "POST /v1/sign-in"
    )
    assert revocations.parent_span_id == request.span_id
    assert values(projection.attributes)["db.system.name"] == "sqlite"
    assert values(projection.attributes)["touchline.records"] > 0
    assert revocations.kind == Span.SPAN_KIND_CLIENT
    wait_until(lambda: gateway.rooms.health.readings()["traces"].value.endswith(" spans"))
    assert gateway.rooms.traces is not None
    assert gateway.rooms.traces.export.dropped == 0
    served = {sample.name: sample.value for sample in gateway.engine._observation.samples}
    assert served["touchline_spans_exported_total"] > 0
    assert served["touchline_spans_dropped_total"] == 0
