"""One passphrase in an open file does for several commands."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from engine.config import VaultSettings
from engine.errors import ConfigError
from terminal.entry.passphrase_again import PassphraseAgain
from terminal.entry.passphrase_entry import PassphraseEntry


@pytest.fixture
def descriptor() -> Iterator[int]:
    """Return an open file whose first line is a passphrase."""
    read, write = os.pipe()
    os.write(write, b"grey geese\nsomething else\n")
    os.close(write)
    yield read
    try:
        os.close(read)
    except OSError:
        return


def vault(descriptor: int, file: str = "/vault") -> VaultSettings:
    return VaultSettings(file=file, passphrase_descriptor=descriptor)


def test_each_command_finds_the_line_and_closes_the_file(descriptor: int) -> None:
    again = PassphraseAgain(vault(descriptor))
    for _ in range(3):
        again.offer()
        assert PassphraseEntry(vault(descriptor))("the vault", new=False) == "grey geese"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def test_a_command_that_reads_nothing_leaves_it_to_the_next_one(descriptor: int) -> None:
    again = PassphraseAgain(vault(descriptor))
    again.offer()
    again.offer()
    assert PassphraseEntry(vault(descriptor))("the vault", new=False) == "grey geese"


def test_where_nothing_is_open_the_command_says_so(descriptor: int) -> None:
    os.close(descriptor)
    again = PassphraseAgain(vault(descriptor))
    again.offer()
    with pytest.raises(ConfigError, match=f"in the open file {descriptor}"):
        PassphraseEntry(vault(descriptor))("the vault", new=False)


def test_without_a_vault_no_file_is_touched(descriptor: int) -> None:
    PassphraseAgain(vault(descriptor, file="")).offer()
    assert os.read(descriptor, 4) == b"grey"
