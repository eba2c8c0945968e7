from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.observe.recent import Recent


@given(most=st.integers(2, 20), keys=st.lists(st.integers(0, 30), max_size=80))
def test_what_came_last_is_known_and_never_more_than_may_be(most: int, keys: list[int]) -> None:
    recent: Recent[int] = Recent(most)
    for place, key in enumerate(keys):
        recent.put(str(key), place)
        assert len(recent) <= most
    last = {key: place for place, key in enumerate(keys)}
    for key in keys[-(most // 2) :]:
        assert str(key) in recent
        assert recent.get(str(key)) == last[key]


def test_what_never_came_is_not_known() -> None:
    recent: Recent[int] = Recent(2)
    assert "a" not in recent
    assert recent.get("a") is None
