"""A sample of the simulation; `make simulate` runs as many seeds as wanted, and every byte."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from random import Random

import pytest

from engine.store.journal import Durability
from tests.simulation.corpus import ONCE_FAILED
from tests.simulation.one_run import run_seed
from tests.simulation.scripted import SIDES, calls, cut_off, cuts, ended_at_call
from tests.simulation.world import DURABILITIES

SEEDS = 200
AT_ONCE = 10


UNTRACED = pytest.mark.no_cover
"""Tracing makes a run many times as slow; the first seeds are traced, and enough."""
SAMPLE = [
    pytest.param(first, marks=UNTRACED if first > AT_ONCE else ()) for first in range(1, SEEDS, AT_ONCE)
]


@UNTRACED
def test_what_once_failed_holds() -> None:
    assert not {seed: found for seed in ONCE_FAILED if (found := run_seed(seed))}


@pytest.mark.parametrize("first", SAMPLE)
def test_whatever_goes_wrong_both_sides_agree_in_the_end_and_the_way_out_works(first: int) -> None:
    wrong = {seed: found for seed in range(first, first + AT_ONCE) if (found := run_seed(seed))}
    assert not wrong


@UNTRACED
@pytest.mark.parametrize("durability", DURABILITIES)
def test_a_seed_is_one_run(durability: Durability) -> None:
    assert cuts(durability) == cuts(durability)


@UNTRACED
@pytest.mark.parametrize("durability", DURABILITIES)
def test_the_process_may_end_at_any_step_and_after_any_byte_of_it(durability: Durability) -> None:
    random = Random(f"sample {durability}")
    for step, of_step in groupby(cuts(durability), key=itemgetter(0)):
        bytes_of_it = [cut for _, cut in of_step]
        assert cut_off(durability, step, random.choice((0, random.choice(bytes_of_it)))) == []


@UNTRACED
@pytest.mark.parametrize("durability", DURABILITIES)
@pytest.mark.parametrize("stormy", [False, True])
def test_the_process_may_end_on_either_side_of_any_call_of_the_broker(
    durability: Durability, stormy: bool
) -> None:
    random = Random(f"sample {durability}, {stormy}")
    for number in range(1, calls(durability, stormy=stormy) + 1):
        assert ended_at_call(durability, number, random.choice(SIDES), stormy=stormy) == []
