from __future__ import annotations

import crc32c as package
from hypothesis import given
from hypothesis import strategies as st

from engine.store.crc import crc32c


def test_the_checksum_of_the_standard_s_own_example() -> None:
    assert crc32c(b"123456789") == 0xE3069283


@given(st.binary(max_size=256), st.binary(max_size=256))
def test_it_is_the_package_s_own_and_goes_on_from_another(first: bytes, second: bytes) -> None:
    assert crc32c(second, crc32c(first)) == package.crc32c(first + second)
