"""Signatures for Binance, held against the vector of its documentation."""

from __future__ import annotations

from urllib.parse import urlencode

from engine.adapters.binance.signing import signature, signed
from engine.ports.secrets import Credential

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
