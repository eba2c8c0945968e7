"""Why a line is not obeyed: always a sentence for the trader."""

from __future__ import annotations


class ParseError(Exception):
    """The text is not a line of the grammar; `start` and `end` say which part offends."""

    def __init__(self, sentence: str, start: int = 0, end: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.start = start
        self.end = end


class ResolveError(Exception):
    """The line is well formed, but on this desk, now, it means nothing that can be done."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
