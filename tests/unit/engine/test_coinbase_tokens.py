"""What proves to Coinbase who asks."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from engine.adapters.coinbase.tokens import Tokens
from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import ConfigError
from engine.ports.secrets import Credential
from engine.transport.skew import ClockSkew
from tests.coinbase_keys import NAME, credential_of, new_key
from tests.venues.coinbase.keys import Keys

NOW_S = 1_795_752_000
REQUEST = "GET api.coinbase.com/api/v3/brokerage/products"


def tokens(credential: Credential | None, *, ahead_s: int = 0) -> Tokens:
    """Return what makes tokens where the venue's clock is ahead of ours."""
    skew = ClockSkew()
    skew.note(0, ahead_s * NS_PER_S, 0)
    return Tokens(credential, SimulatedClock(NOW_S * NS_PER_S), skew)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, body, _ = (base64.urlsafe_b64decode(each + "==") for each in token.split("."))
    return json.loads(head), json.loads(body)


def test_a_token_says_who_asks_for_what_and_that_it_is_good_for_two_minutes() -> None:
    _, text = new_key()
    head, claims = parts(tokens(credential_of(text)).token(REQUEST))
    nonce = head.pop("nonce")
    assert head == {"alg": "ES256", "kid": NAME, "typ": "JWT"}
    assert claims == {"sub": NAME, "iss": "cdp", "nbf": NOW_S - 1, "exp": NOW_S + 119, "uri": REQUEST}
    assert (len(nonce), int(nonce, 16) > 0) == (64, True)


def test_a_token_of_a_subscription_names_no_request() -> None:
    _, text = new_key()
    assert set(parts(tokens(credential_of(text)).token())[1]) == {"sub", "iss", "nbf", "exp"}


@pytest.mark.parametrize("ahead_s", [-10, 0, 10, 3600])
def test_a_token_is_good_by_the_venues_clock_and_taken_once(ahead_s: int) -> None:
    key, text = new_key()
    there = Keys(lambda: NOW_S + ahead_s)
    there.known[NAME] = key.public_key()
    made = tokens(credential_of(text), ahead_s=ahead_s)
    first, second = made.token(REQUEST), made.token(REQUEST)
    assert [there.objection(each, REQUEST) for each in (first, second)] == ["", ""]
    assert "shown before" in there.objection(first, REQUEST)
    assert there.objection(made.token(REQUEST), "GET api.coinbase.com/elsewhere") == "another request"


def test_a_token_is_over_after_two_minutes_and_nobody_elses() -> None:
    key, text = new_key()
    _, other = new_key()
    there = Keys(lambda: NOW_S + 119)
    there.known[NAME] = key.public_key()
    assert "over" in there.objection(tokens(credential_of(text)).token())
    assert there.objection(tokens(credential_of(other)).token()) == "no signature of a known key"


def test_line_ends_may_be_written_out_as_in_the_venues_key_file() -> None:
    key, text = new_key()
    there = Keys(lambda: NOW_S)
    there.known[NAME] = key.public_key()
    for written in (text.replace("\n", "\\n"), f"  {text}\n\n", text.replace("\n", "\r\n")):
        assert there.objection(tokens(credential_of(written)).token()) == ""


def test_without_a_key_and_after_it_was_dropped_there_is_no_token() -> None:
    assert (tokens(None).token(REQUEST), tokens(None).has_key) == ("", False)
    made = tokens(credential_of(new_key()[1]))
    assert made.has_key
    made.drop_key()
    assert (made.token(REQUEST), made.has_key) == ("", False)


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, password: bytes = b"") -> str:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()


WRONG = {
    "empty": "",
    "no PEM": "c2VjcmV0IHNlY3JldCBzZWNyZXQ=",
    "not ASCII": "schlüssel\x00",
    "cut short": new_key()[1][:100],
    "another curve": pem(ec.generate_private_key(ec.SECP384R1())),
    "another kind": pem(ed25519.Ed25519PrivateKey.generate()),
    "locked": pem(ec.generate_private_key(ec.SECP256R1()), b"open"),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_key_of_another_kind_is_a_sentence_that_does_not_tell_it(text: str) -> None:
    with pytest.raises(ConfigError, match="the secret of Coinbase's key is no private key") as refused:
        tokens(credential_of(text))
    assert refused.value.__cause__ is None
    assert "touchline credentials add coinbase" in str(refused.value)
    assert not text or text[:20] not in str(refused.value)
