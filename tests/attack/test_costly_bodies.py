"""A body costs no more to look at than its length: who may not even sign in must not keep the program from trading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.bodies import _TOKENS, BYTES_MAX, _depth, decoded
from engine.gateway.refusals import Refused
from engine.gateway.signing_in import SignInBody

VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='"\\[]{}\n a\u00e9'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='"\\[}'), inner, max_size=3),
    max_leaves=12,
)
ENDLESS = {
    "quotes behind a backslash": b'"' + b'\\"' * (BYTES_MAX // 2 - 1),
    "backslashes": b'"' + b"\\" * (BYTES_MAX - 1),
    "lines behind a backslash": b'"' + b"\\\n" * (BYTES_MAX // 2 - 1),
    "one long text": b'{"' + b"a" * (BYTES_MAX - 2),
}


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(VALUES)
@settings(deadline=None, max_examples=100)
def test_how_deep_a_body_is_is_how_deep_its_value_is(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert _depth(text.encode()) == depth_of(value)


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_a_text_that_does_not_end_is_looked_at_once(body: bytes) -> None:
    """Looked at from each of its quotes, it kept every thread of the program for more than a second."""
    spans = [found.span() for found in _TOKENS.finditer(body)]
    assert spans[-1][1] >= len(body) - 1
    assert len(spans) <= 2, "the bracket before it, and it"
    with pytest.raises(Refused, match="no JSON"):
        decoded(body, SignInBody)
