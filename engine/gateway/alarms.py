"""What is wrong by the alert rules and what was wrong with components: told, and answered from afar."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from engine.alerts.alarms import SILENCE_S_MAX
from engine.gateway.asking import ORIGIN, Answer, Ask
from engine.gateway.commanding import carried_out
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.messages.alarm_views import AlarmView
from engine.messages.commands import AcknowledgeAlert, ReopenAlert, SilenceAlert
from engine.messages.health_views import Incident
from engine.mirror import Mirror

_DIGITS_MAX = 15


class SilenceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds nothing is told of its cause."""

    for_s: Annotated[float, Meta(gt=0, le=SILENCE_S_MAX)]


class AlarmsAnswer(Struct, frozen=True):
    """What is wrong by the rules, the most severe first, and what is over, the latest first."""

    open: list[AlarmView]
    past: list[AlarmView]
    rules: str
    """Which rules are in force."""


class AlarmAnswer(Struct, frozen=True):
    """One alert, as it is now."""

    alarm: AlarmView


class IncidentsAnswer(Struct, frozen=True):
    """What was wrong with components, the newest first, over restarts."""

    incidents: list[Incident]


async def alarms(parts: Parts, ask: Ask) -> Answer:
    """Tell what is wrong by the rules, and what was."""
    del ask
    view = (await parts.feed.fresh()).alarms
    return Answer(AlarmsAnswer(list(view.open), list(view.past), view.rules))


async def alarm(parts: Parts, ask: Ask) -> Answer:
    """Tell one alert and what became of it, whether it is over or not."""
    return Answer(AlarmAnswer(_alarm_in(await parts.feed.fresh(), _number_in(ask))))


async def incidents(parts: Parts, ask: Ask) -> Answer:
    """Tell what was wrong with components, and when."""
    del ask
    return Answer(IncidentsAnswer(list((await parts.feed.fresh()).incidents.incidents)))


async def acknowledge(parts: Parts, ask: Ask) -> Answer:
    """Have an alert: it is told no more until it gets worse."""
    return await _answered(parts, ask, AcknowledgeAlert(await _number(parts, ask), ORIGIN))


async def silence(parts: Parts, ask: Ask) -> Answer:
    """Have nothing told of an alert's cause for a while."""
    body: SilenceBody = ask.body
    return await _answered(parts, ask, SilenceAlert(await _number(parts, ask), body.for_s, ORIGIN))


async def reopen(parts: Parts, ask: Ask) -> Answer:
    """Take back that an alert was acknowledged or silenced."""
    return await _answered(parts, ask, ReopenAlert(await _number(parts, ask), ORIGIN))


async def _answered(parts: Parts, ask: Ask, command: AcknowledgeAlert | SilenceAlert | ReopenAlert) -> Answer:
    await carried_out(parts, ask, command)
    return Answer(AlarmAnswer(_alarm_in(await parts.feed.next(), command.number)))


async def _number(parts: Parts, ask: Ask) -> int:
    """Return the number in the path, of an alert that there is.

    Raises:
        Refused: there is none.
    """
    return _alarm_in(await parts.feed.fresh(), _number_in(ask)).number


def _number_in(ask: Ask) -> int:
    text = ask.path["number"]
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX):
        raise Refused(Code.NOT_FOUND, "expected the number of an alert")
    return int(text)


def _alarm_in(mirror: Mirror, number: int) -> AlarmView:
    for alarm in (*mirror.alarms.open, *mirror.alarms.past):
        if alarm.number == number:
            return alarm
    raise Refused(Code.NOT_FOUND, f"no alert {number} is open or was lately")
