from __future__ import annotations

import pytest
from httpx import ReadTimeout

from engine.transport.words import in_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (OSError("Multiple exceptions: [Errno 111] a, [Errno 101] b"), "Multiple exceptions: a, b"),
        (OSError(-2, "Name or service not known"), "Name or service not known"),
        (TimeoutError(), "no answer in time"),
        (ReadTimeout(""), "no answer in time"),
        (EOFError(), "EOFError"),
        (ValueError("one \x1b[31mtwo"), "one [31mtwo"),
    ],
)
def test_an_error_is_told_on_one_line_and_without_its_number(error: Exception, words: str) -> None:
    assert in_words(error) == words
