"""A seed's whole run."""

from __future__ import annotations

from tests.simulation.reckoning import reckon
from tests.simulation.trader import act
from tests.simulation.world import World

ACTS = 80


def run_seed(seed: int, acts: int = ACTS) -> list[str]:
    """Run a seed to its reckoning; return what is wrong, nothing if all is well."""
    world = World(seed)
    for _ in range(acts):
        act(world)
    return reckon(world)
