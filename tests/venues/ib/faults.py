"""What goes wrong here, on demand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Faults:
    """Each until it is set right again."""

    mute: bool = False
    """It says nothing, and keeps the connection."""
    refuse: bool = False
    """It ends every new connection at once."""
    late_s: float = 0.0
    """How long every message waits."""
    drop_orders: int = 0
    """How many orders it loses together with the connection, without having taken them."""
    drop_answers: int = 0
    """How many orders it takes and then ends the connection before anyone hears of it."""
    hold_orders: int = 0
    """How many orders it never answers and never takes."""
    hold_commissions: bool = False
    """It tells no fees, until it is asked to by `Floor.tell_commissions`."""
    warn_of_orders: int = 0
    """The number of what it says of every order before it takes it."""
    refuse_orders: str = ""
    """Why it rejects every order."""
    no_ticks: bool = False
    """It follows contracts and says nothing of them."""
    no_history: bool = False
    """It has no bars."""
    stuck_cancels: int = 0
    """How many cancels it does not hear."""
