"""What another shell asks about alerts: which there are, and to acknowledge, silence or reopen one."""

from __future__ import annotations

from collections.abc import Generator

from msgspec.structs import replace

from engine.control.controls import Controls
from engine.control.requests import AlertAnswer, Answer, AnswerAlert, Code, TellAlerts
from engine.control.status import DeskStatus
from engine.control.watch import ANSWER_S, Watch
from engine.messages.alarm_views import AlarmState, AlarmsView, AlarmView
from engine.messages.commands import SHELL, AcknowledgeAlert, ReopenAlert, SilenceAlert

OPEN_TOLD, PAST_TOLD = 30, 10
"""How many alerts an answer holds: it has to fit on a line."""
_WANTED = {
    AlertAnswer.ACKNOWLEDGE: AlarmState.ACKNOWLEDGED,
    AlertAnswer.SILENCE: AlarmState.SILENCED,
    AlertAnswer.REOPEN: AlarmState.FIRING,
}
_ROLE = "where somebody signed in at the desk it takes a trader, risk or admin; the desk says why"

Steps = Generator[None, None, Answer]


def begin(controls: Controls, watch: Watch, request: TellAlerts | AnswerAlert) -> Steps:
    """Return the steps of a request about alerts."""
    return _tell(watch) if isinstance(request, TellAlerts) else _answer(controls, watch, request)


def _tell(watch: Watch) -> Steps:
    status = yield from watch.until(ANSWER_S, lambda _: True)
    if isinstance(status, str):
        return Answer(code=Code.UNPROVEN, text=status)
    view = status.alarms
    text = (
        f"{_count(len(view.open))}, {view.unanswered} unanswered"
        if view.open
        else "nothing is wrong by the rules"
    )
    return Answer(code=Code.PROVEN, text=text, alerts=_bounded(view))


def _answer(controls: Controls, watch: Watch, request: AnswerAlert) -> Steps:
    number, wanted = request.number, _WANTED[request.does]
    match request.does:
        case AlertAnswer.ACKNOWLEDGE:
            controls.submit(AcknowledgeAlert(number, SHELL))
        case AlertAnswer.SILENCE:
            controls.submit(SilenceAlert(number, request.for_s, SHELL))
        case AlertAnswer.REOPEN:
            controls.submit(ReopenAlert(number, SHELL))

    def is_done(status: DeskStatus) -> bool:
        found = _found(status.alarms, number)
        return found is None or found.state is wanted

    status = yield from watch.until(ANSWER_S, is_done)
    if isinstance(status, str):
        return Answer(code=Code.UNPROVEN, text=f"asked for; {status}")
    found, alerts = _found(status.alarms, number), _bounded(status.alarms)
    if found is None:
        over = any(each.number == number for each in status.alarms.past)
        text = f"alert {number} is over" if over else f"there is no alert {number}"
        return Answer(code=Code.BAD_INPUT, text=text, alerts=alerts)
    by = f" by {found.by}" if found.by else ""
    text = f"alert {number} ({found.cause}) is {found.state.value}{by}"
    if found.state is not wanted:
        return Answer(code=Code.UNPROVEN, text=f"{text}; {_ROLE}", alerts=alerts)
    return Answer(code=Code.PROVEN, text=text, alerts=alerts)


def _found(view: AlarmsView, number: int) -> AlarmView | None:
    return next((each for each in view.open if each.number == number), None)


def _bounded(view: AlarmsView) -> AlarmsView:
    return replace(view, open=view.open[:OPEN_TOLD], past=view.past[:PAST_TOLD], latest=None)


def _count(number: int) -> str:
    return f"{number} alert{'s' * (number != 1)}"
