"""A typed line, cut at its white space; every token knows where it stood."""

from __future__ import annotations

import re

from msgspec import Struct

from terminal.orderline.errors import ParseError

LINE_MAX = 400
"""More than any line of the grammar needs; a longer text was not typed."""

_WORD = re.compile(r"\S+")
_SYMBOL = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,31}", re.ASCII)
_AMOUNT = re.compile(r"[0-9.]+[km]?|pos(/.*)?|(bid|ask|mid|last)[+-].*", re.ASCII)
_SYMBOL_QUOTED = re.compile(r"[a-z0-9^][a-z0-9._:/^=-]{0,31}", re.ASCII)


class Token(Struct, frozen=True):
    """One word, lower case."""

    text: str
    start: int
    end: int
    quoted: bool = False
    """Whether it began with a quote, and is therefore a symbol."""

    def error(self, sentence: str) -> ParseError:
        """Return an error that points at this token."""
        return ParseError(sentence, self.start, self.end)

    @property
    def symbol(self) -> str:
        """The symbol it names, upper case.

        Raises:
            ParseError: no symbol looks like this.
        """
        pattern = _SYMBOL_QUOTED if self.quoted else _SYMBOL
        if not pattern.fullmatch(self.text):
            raise self.error(f"{shown(self.text)} is not a symbol")
        return self.text.upper()


def tokenize(text: str) -> list[Token]:
    """Cut a line into tokens.

    Raises:
        ParseError: it is longer than a line can be, or a quote stands alone.
    """
    if len(text) > LINE_MAX:
        raise ParseError(f"a line has at most {LINE_MAX} characters, this one {len(text):,}", 0, len(text))
    return [_token(match) for match in _WORD.finditer(text)]


def plain_symbol(word: str) -> bool:
    """Tell whether a symbol in lower case is read as one without a quote: not a number, no odd signs."""
    return _SYMBOL.fullmatch(word) is not None and not _AMOUNT.fullmatch(word)


def shown(text: str) -> str:
    """Write typed text so that it is safe and short inside a sentence."""
    kept = "".join(c if c.isprintable() else "·" for c in text)
    return kept if len(kept) <= 24 else f"{kept[:23]}…"


def _token(match: re.Match[str]) -> Token:
    text = match.group().lower()
    token = Token(text, match.start(), match.end())
    if not text.startswith("'"):
        return token
    if text == "'":
        raise token.error("' stands before a symbol that looks like a word: 'DAY")
    return Token(text[1:], match.start(), match.end(), quoted=True)


class Reader:
    """Hands out the tokens of a line one by one."""

    def __init__(self, tokens: list[Token], length: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._length = length

    def peek(self) -> Token | None:
        """Return the next token without taking it."""
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def take(self) -> Token | None:
        """Take the next token, None at the end."""
        token = self.peek()
        if token is not None:
            self._next += 1
        return token

    def expect(self, sentence: str) -> Token:
        """Take the next token.

        Raises:
            ParseError: there is none; the sentence says what is missing.
        """
        token = self.take()
        if token is None:
            raise ParseError(sentence, self._length, self._length)
        return token

    def finish(self, what: str) -> None:
        """Make sure that nothing is left.

        Raises:
            ParseError: something is.
        """
        token = self.peek()
        if token is not None:
            raise token.error(f"{what}: {shown(token.text)} is one word too many")
