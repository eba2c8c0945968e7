"""The Markdown of our own pages, drawn as one text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.health.markdown import rendered
from terminal.health.runbooks import runbook, runbook_path

PAGE = """\
# Feed

Down: `nothing` came for **5 seconds**, see the
[metrics](metrics.md).

## Do

1. First `r`,
   then wait.
- Or not.

| it says | do |
|---|---|
| locked | Unlock it. |

```sh
touchline status
```
"""


def test_a_page_is_drawn_without_its_marks() -> None:
    assert rendered(PAGE).plain.splitlines() == [
        "Feed",
        "Down: nothing came for 5 seconds, see the metrics.",
        "",
        "Do",
        "1. First r, then wait.",
        "• Or not.",
        "",
        "locked: Unlock it.",
        "",
        "  touchline status",
    ]


def test_code_stands_out_and_headings_are_bold() -> None:
    found = {str(span.style): rendered(PAGE).plain[span.start : span.end] for span in rendered(PAGE).spans}
    assert found["bold $desk-accent"].strip() == "Do"
    assert found["$desk-own"].strip() == "touchline status"


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab`*[]()|#-1. \n\x1b", max_size=80))
def test_whatever_is_written_is_drawn_and_nothing_that_a_terminal_would_obey(text: str) -> None:
    assert "\x1b" not in rendered(text).plain


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("route_data_kraken", "route"),
        ("venue_crypto", "venue"),
        ("orders_weight", "orders_weight"),
        ("gc", "gc"),
    ],
)
def test_a_component_has_its_own_page_or_that_of_its_kind(name: str, page: str) -> None:
    path = runbook_path(name)
    assert path is not None
    assert path.stem == page


def test_one_without_a_page_says_so() -> None:
    assert runbook("no such thing") == "There is no runbook for it."
