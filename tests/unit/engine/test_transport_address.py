from __future__ import annotations

import pytest

from engine.errors import ConfigError
from engine.transport.address import checked_url


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("wss://ws.kraken.com/v2", "wss"),
        ("ws://127.0.0.1:9/v2", "wss"),
        ("ws://[::1]:9/v2", "wss"),
        ("https://api.kraken.com/", "https"),
        ("http://localhost:80", "https"),
    ],
)
def test_an_address_is_encrypted_or_of_this_machine(url: str, scheme: str) -> None:
    assert checked_url("venues.kraken.rest_url", url, scheme) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kraken",
        "ws://ws.kraken.com/v2",
        "ws://10.0.0.1/v2",
        "https://ws.kraken.com",
        "wss://",
        "wss://host:99999/",
        "wss://user:word@host/v2",
        "wss://host/v2?token=1",
        "wss://[::1",
    ],
)
def test_any_other_address_is_refused_by_its_setting(url: str) -> None:
    with pytest.raises(ConfigError, match=r"venues\.kraken\.stream_url: expected an address"):
        checked_url("venues.kraken.stream_url", url, "wss")
