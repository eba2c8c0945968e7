"""W3C Trace Context: what is told comes back as it was, and what is none is taken for none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.model.trace_context import TraceContext, read_traceparent, traceparent_of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
contexts = some.builds(
    TraceContext, some.integers(1, 2**128 - 1), some.integers(1, 2**64 - 1), some.booleans()
)


@settings(max_examples=25)
@given(contexts)
def test_what_is_told_is_read_as_it_was(context: TraceContext) -> None:
    assert read_traceparent(traceparent_of(context)) == context


@settings(max_examples=25)
@given(some.text(max_size=80))
def test_any_text_is_a_context_or_none(text: str) -> None:
    found = read_traceparent(text)
    assert found is None or (found.trace_id and found.span_id)


def test_the_standards_own_example_is_read() -> None:
    found = read_traceparent(f"00-{TRACE}-{SPAN}-01")
    assert found == TraceContext(int(TRACE, 16), int(SPAN, 16), is_sampled=True)


@pytest.mark.parametrize(
    "text",
    [
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f" 00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
    ids=["more", "forbidden version", "no trace", "no span", "upper case", "no flags", "space", "line end"],
)
def test_what_the_standard_forbids_is_no_context(text: str) -> None:
    assert read_traceparent(text) is None


def test_a_later_version_may_say_more_and_have_other_flags() -> None:
    found = read_traceparent(f"cc-{TRACE}-{SPAN}-fe-what-comes")
    assert found == TraceContext(int(TRACE, 16), int(SPAN, 16), is_sampled=False)
