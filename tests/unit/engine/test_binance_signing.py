"""Signatures for Binance, held against the vectors of its documentation."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest

from engine.adapters.binance.signing import WINDOW_MS, Signer, signature, signed
from engine.clock import NS_PER_MS, SimulatedClock
from engine.ports.secrets import Credential
from engine.transport.http import target_of
from engine.transport.skew import ClockSkew

DOCUMENTED = Credential(
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
)
"""The sample pair of the documentation; it opens nothing."""
PAYLOAD = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
    "&timestamp=1499827319559"
)
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


def test_the_signature_is_the_documented_one() -> None:
    assert signature(PAYLOAD, DOCUMENTED) == SIGNATURE


def test_what_is_signed_is_what_is_sent_in_its_order() -> None:
    terms = dict(pair.split("=") for pair in PAYLOAD.split("&")[:-2])
    told = signed(terms, DOCUMENTED, 1_499_827_319_559)
    assert urlencode(told) == f"{PAYLOAD}&signature={SIGNATURE}"


SALE = "newOrderRespType=ACK&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
WEBSOCKET = f"apiKey={DOCUMENTED.key}&{SALE}&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"
"""The documents' example of a request of the WebSocket API, as it is signed."""


def test_the_example_of_the_websocket_api_has_the_documented_signature() -> None:
    told = "cc15477742bd704c29492d96c7ead9414dfd8e0ec4a00f947bb5bb454ddbd08a"
    assert signature(WEBSOCKET, DOCUMENTED) == told


def signer(at_ms: int, ahead_ms: int | None = None) -> Signer:
    clock, skew = SimulatedClock(at_ms * NS_PER_MS), ClockSkew()
    if ahead_ms is not None:
        now_ns = clock.now_ns()
        skew.note(now_ns, now_ns + ahead_ms * NS_PER_MS, now_ns)
    return Signer(DOCUMENTED, clock, skew)


def test_a_query_is_signed_as_the_very_text_that_is_sent() -> None:
    query = signer(1_499_827_319_559).query({"symbol": "LTCBTC", "origClientOrderId": "a b&c=é"})
    text, _, told_signature = query.rpartition("&signature=")
    assert told_signature == signature(text, DOCUMENTED)
    assert target_of("/api/v3/order", {}, lambda _: query) == f"/api/v3/order?{query}"
    told = dict(parse_qsl(text))
    assert told["origClientOrderId"] == "a b&c=é"
    assert (told["timestamp"], told["recvWindow"]) == ("1499827319559", str(WINDOW_MS))


@pytest.mark.parametrize("ahead_ms", [-10_000, 10_000])
def test_a_request_has_the_venues_time(ahead_ms: int) -> None:
    query = dict(parse_qsl(signer(1_499_827_319_559, ahead_ms).query({})))
    assert int(query["timestamp"]) == 1_499_827_319_559 + ahead_ms
    assert signer(1_499_827_319_559, ahead_ms).parameters()["timestamp"] == 1_499_827_319_559 + ahead_ms


def test_on_the_websocket_the_parameters_are_signed_in_the_order_of_their_names() -> None:
    told = signer(1_645_423_376_532).parameters()
    text = f"apiKey={DOCUMENTED.key}&recvWindow={WINDOW_MS}&timestamp=1645423376532"
    assert told["signature"] == signature(text, DOCUMENTED)


def test_nothing_but_the_signature_tells_of_the_secret() -> None:
    made = signer(1)
    assert DOCUMENTED.secret not in f"{made.query({})}{made.parameters()}{made.headers}"
