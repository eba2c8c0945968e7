"""Does something about a component that is not well, because a person said so."""

from __future__ import annotations

from engine.errors import EngineError
from engine.messages.commands import ApplyRemedy
from engine.messages.events import AlertRaised, Severity
from engine.messages.remedies import RemedyApplied
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.rooms import Rooms


def apply_remedy(rooms: Rooms, command: ApplyRemedy) -> None:
    """Do it, and let everybody hear of it.

    Raises:
        EngineError: there is no such component, it has no such remedy, or it is of no use now; says which.
    """
    name, remedy = clean(command.component, 64), command.remedy
    remedies = rooms.health.remedies(name)
    if remedies is None:
        raise EngineError(f"there is no component {name!r}; the health page lists what there is")
    act = remedies.get(remedy)
    if act is None:
        can = ", ".join(each.value for each in remedies) or "nothing"
        raise EngineError(f"{remedy.value} is nothing that can be done about {name}; {can} can")
    said = clean(act(command.symbol), ALERT_LENGTH_MAX)
    now_ns = rooms.account_clock.now_ns()
    rooms.bus.publish(RemedyApplied(name, remedy, said, command.origin, now_ns))
    rooms.bus.publish(AlertRaised(Severity.INFO, "health", said, now_ns))
