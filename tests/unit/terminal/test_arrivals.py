from __future__ import annotations

from terminal.arrivals import Arrivals


def test_a_key_waits_from_when_it_is_read_until_it_is_obeyed() -> None:
    arrivals = Arrivals()
    before = arrivals.key_waits()
    arrivals.read()
    on_its_way = arrivals.key_waits()
    arrivals.taken()
    assert (before, on_its_way, arrivals.key_waits()) == (False, True, False)


def test_of_two_keys_the_second_waits_still() -> None:
    arrivals = Arrivals()
    arrivals.read()
    arrivals.read()
    arrivals.taken()
    assert arrivals.key_waits()


def test_a_key_that_never_comes_is_not_waited_for_and_the_next_one_is() -> None:
    arrivals = Arrivals()
    arrivals.read()
    asked = 0
    while arrivals.key_waits():
        asked += 1
    assert 0 < asked < 100
    arrivals.read()
    assert arrivals.key_waits()


def test_a_key_that_came_another_way_counts_for_none_that_is_read() -> None:
    arrivals = Arrivals()
    arrivals.taken()
    arrivals.read()
    assert arrivals.key_waits()
