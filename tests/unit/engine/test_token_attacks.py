"""Tokens that must open nothing, each refused for the reason it was made for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.security.tokens.claims import Kind
from engine.security.tokens.keys import new_signing_keys
from engine.security.tokens.lives import ACCESS_S, LEEWAY_S, REFRESH_S
from engine.security.tokens.refusal import Reason, TokenRefused
from tests.unit.engine.token_bench import NOW_S, TokenBench, encoded, part

URL_SAFE = string.ascii_letters + string.digits + "-_"
BENCH = TokenBench()


def refusal(token: str, kind: Kind = Kind.ACCESS, bench: TokenBench = BENCH) -> Reason:
    """Return why a token is refused; fail where it is not."""
    with pytest.raises(TokenRefused) as refused:
        bench.verifier.claims_of(token, kind)
    return refused.value.reason


def test_the_bench_makes_tokens_that_are_taken() -> None:
    assert BENCH.verifier.claims_of(BENCH.signed(BENCH.claims()), Kind.ACCESS).sub == "ada"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "", "HS256", "RS256", "ES256", "eddsa", "Ed448"]
)
def test_an_algorithm_that_is_not_ours_is_refused(algorithm: str) -> None:
    signed = BENCH.signed(BENCH.claims(), BENCH.header(alg=algorithm))
    assert refusal(signed) is Reason.MALFORMED
    assert refusal(signed.rpartition(".")[0] + ".") is Reason.MALFORMED


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    body = part(BENCH.header(alg="HS256")) + b"." + part(BENCH.claims())
    mac = hmac.digest(BENCH.public, body, hashlib.sha256)
    assert refusal((body + b"." + encoded(mac)).decode()) is Reason.MALFORMED
    body = part(BENCH.header()) + b"." + part(BENCH.claims())
    mac = hmac.digest(BENCH.public, body, hashlib.sha512)
    assert refusal((body + b"." + encoded(mac)).decode()) is Reason.SIGNATURE


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "../../dev/null",
        "/dev/null",
        "' OR '1'='1",
        "a' UNION SELECT 'key",
        "\x00",
        "current",
        "__class__",
    ],
)
def test_a_kid_is_nothing_but_a_name_in_our_list(kid: str) -> None:
    assert refusal(BENCH.signed(BENCH.claims(), BENCH.header(kid=kid))) is Reason.UNKNOWN_KEY


@pytest.mark.parametrize("kid", [None, 1, True, [], ["a"], {"a": 1}, 1.5])
def test_a_kid_that_is_no_text_is_refused(kid: object) -> None:
    assert refusal(BENCH.signed(BENCH.claims(), BENCH.header(kid=kid))) is Reason.MALFORMED


@pytest.mark.parametrize(
    "more",
    [
        {"jku": "https://evil.test/keys"},
        {"jwk": {"kty": "OKP"}},
        {"x5u": "https://evil.test"},
        {"x5c": ["MIIB"]},
        {"crit": ["b64"]},
        {"crit": []},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"enc": "A256GCM"},
        {"b64": False},
    ],
)
def test_a_header_that_brings_a_key_or_more_is_refused(more: dict[str, Any]) -> None:
    assert refusal(BENCH.signed(BENCH.claims(), BENCH.header(**more))) is Reason.MALFORMED


@pytest.mark.parametrize(("first", "last"), [("none", "EdDSA"), ("EdDSA", "none"), ("HS256", "EdDSA")])
def test_a_header_that_says_its_algorithm_twice_is_refused(first: str, last: str) -> None:
    header = json.dumps(BENCH.header(alg=last)).encode().replace(b"{", f'{{"alg": "{first}", '.encode(), 1)
    assert refusal(BENCH.signed(BENCH.claims(), header)) is Reason.MALFORMED


def test_a_token_in_another_serialisation_is_refused() -> None:
    head, body, signature = BENCH.signed(BENCH.claims()).split(".")
    flat = json.dumps({"protected": head, "payload": body, "signature": signature})
    assert refusal(flat) is Reason.MALFORMED
    assert refusal(f" {head}.{body}.{signature}") is Reason.MALFORMED
    assert refusal(f"Bearer {head}.{body}.{signature}") is Reason.MALFORMED


def test_another_desks_key_under_our_name_is_refused() -> None:
    other = TokenBench()
    token = other.signed(other.claims(), other.header(kid=BENCH.keys.current))
    assert refusal(token) is Reason.SIGNATURE


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "somebody"}, Reason.ISSUER),
        ({"aud": "another gateway"}, Reason.AUDIENCE),
        ({"typ": "refresh"}, Reason.KIND),
        ({"iat": NOW_S - 800, "exp": NOW_S - LEEWAY_S}, Reason.EXPIRED),
        ({"iat": NOW_S + LEEWAY_S + 1, "exp": NOW_S + 100}, Reason.NOT_YET),
        ({"exp": NOW_S + 10 * 365 * 86_400}, Reason.TOO_LONG),
        ({"exp": NOW_S + ACCESS_S + 1}, Reason.TOO_LONG),
        ({"iat": NOW_S + 10, "exp": NOW_S}, Reason.TOO_LONG),
        ({"iat": NOW_S, "exp": NOW_S}, Reason.TOO_LONG),
        ({"typ": "id"}, Reason.CLAIMS),
        ({"nbf": NOW_S}, Reason.CLAIMS),
        ({"aud": ["touchline gateway"]}, Reason.CLAIMS),
        ({"sub": ""}, Reason.CLAIMS),
        ({"sub": "a" * 129}, Reason.CLAIMS),
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(changed: dict[str, Any], reason: Reason) -> None:
    assert refusal(BENCH.signed(BENCH.claims(**changed))) is reason


@pytest.mark.parametrize("claim", ["iss", "aud", "typ", "sub", "role", "jti", "fam", "iat", "exp"])
def test_every_claim_is_required_and_of_its_type(claim: str) -> None:
    wrong: list[object] = [[], {}, True, None, 1.5, ["ada"], {"ada": 1}]
    wrong.append("1750000000" if claim in {"iat", "exp"} else 7)
    assert refusal(BENCH.signed(BENCH.claims(**{claim: None}))) is Reason.CLAIMS
    for value in wrong:
        assert refusal(BENCH.signed({**BENCH.claims(), claim: value})) is Reason.CLAIMS


@pytest.mark.parametrize("number", [-1, 2**53, 10**30, float("nan"), float("inf")])
def test_a_time_that_no_clock_shows_is_refused(number: float) -> None:
    assert refusal(BENCH.signed({**BENCH.claims(), "exp": number})) is Reason.CLAIMS


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"a"', b"{", b"\xff", b"[" * 1_200, b'{"sub":' * 150])
def test_a_body_that_is_no_claims_is_refused(body: bytes) -> None:
    assert refusal(BENCH.signed(body)) in {Reason.CLAIMS, Reason.MALFORMED}


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "é.b.c",
        "\x00.\x00.\x00",
        "a" * 3_000,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) is Reason.MALFORMED


def test_a_huge_token_is_not_even_read() -> None:
    assert refusal(BENCH.signed(BENCH.claims(sub="a" * 100_000))) is Reason.MALFORMED


def test_a_deeply_nested_header_is_refused() -> None:
    assert refusal(BENCH.signed(BENCH.claims(), b'{"kid":' + b"[" * 900)) is Reason.MALFORMED


def test_a_claim_said_twice_counts_as_the_signer_wrote_it_last() -> None:
    body = json.dumps(BENCH.claims()).encode().replace(b'{"iss"', b'{"role": "admin", "iss"')
    assert BENCH.verifier.claims_of(BENCH.signed(body), Kind.ACCESS).role == "trader"


def test_every_cut_of_a_token_is_refused() -> None:
    token = BENCH.signed(BENCH.claims())
    for length in range(len(token)):
        assert refusal(token[:length]) in {Reason.MALFORMED, Reason.SIGNATURE}


def test_every_changed_character_of_a_token_is_refused() -> None:
    token = BENCH.signed(BENCH.claims())
    for at, character in enumerate(token):
        for other in (URL_SAFE[(URL_SAFE.find(character) + 1) % 64], ".", "=", "+"):
            if other != character:
                refusal(token[:at] + other + token[at + 1 :])


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=600), st.characters(max_codepoint=255))
def test_a_character_put_anywhere_spoils_a_token(at: int, character: str) -> None:
    token = BENCH.signed(BENCH.claims())
    refusal(token[:at] + character + token[at:])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    refusal(text)


NAMES = st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable())


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES, st.sampled_from(Kind))
def test_what_was_signed_is_read_back(sub: str, role: str, kind: Kind) -> None:
    claims = BENCH.mint.claims(kind, sub, role, "family")
    assert BENCH.verifier.claims_of(BENCH.mint.signed(claims), kind) == claims
    other = Kind.REFRESH if kind is Kind.ACCESS else Kind.ACCESS
    assert refusal(BENCH.mint.signed(claims), other) is Reason.KIND


def test_a_token_is_taken_until_its_end_and_the_leeway_after_it() -> None:
    bench = TokenBench()
    token = bench.mint.signed(bench.mint.claims(Kind.ACCESS, "ada", "trader", "family"))
    bench.pass_s(ACCESS_S + LEEWAY_S - 0.001)
    bench.verifier.claims_of(token, Kind.ACCESS)
    bench.pass_s(0.001)
    assert refusal(token, bench=bench) is Reason.EXPIRED


def test_a_token_never_outlives_the_end_it_was_given() -> None:
    claims = BENCH.mint.claims(Kind.ACCESS, "ada", "trader", "family", end_s=NOW_S + 60)
    assert (claims.iat, claims.exp) == (NOW_S, NOW_S + 60)


def test_a_key_that_was_replaced_verifies_what_it_signed_and_then_no_more() -> None:
    bench = TokenBench()
    token = bench.mint.signed(bench.mint.claims(Kind.REFRESH, "ada", "trader", "family"))
    bench.keys = bench.keys.rotated(NOW_S * NS_PER_S)
    assert bench.verifier.claims_of(token, Kind.REFRESH).sub == "ada"
    assert json.loads(_header(bench.mint.signed(bench.mint.claims(Kind.ACCESS, "a", "b", "c"))))["kid"] == (
        bench.keys.current
    )
    bench.pass_s(REFRESH_S + LEEWAY_S)
    assert refusal(token, Kind.REFRESH, bench) is Reason.UNKNOWN_KEY


def test_a_key_that_was_struck_out_verifies_nothing_from_then_on() -> None:
    bench = TokenBench()
    token = bench.mint.signed(bench.mint.claims(Kind.ACCESS, "ada", "trader", "family"))
    bench.keys = bench.keys.rotated(NOW_S * NS_PER_S).without_past()
    assert refusal(token, bench=bench) is Reason.UNKNOWN_KEY
    bench.keys = new_signing_keys()
    assert refusal(token, bench=bench) is Reason.UNKNOWN_KEY


def _header(token: str) -> bytes:
    first = token.partition(".")[0]
    return base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
