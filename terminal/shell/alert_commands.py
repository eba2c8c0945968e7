"""What the command about alerts says to the desk that runs, and what it prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.clock import NS_PER_S
from engine.control.client import NoDeskError, SilentDeskError, ask
from engine.control.requests import AlertAnswer, Answer, AnswerAlert, Code, Request, TellAlerts
from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.messages.alarm_views import AlarmState, AlarmsView, AlarmView
from engine.model.text import clean
from terminal.shell.chosen_settings import chosen_settings

WAIT_S = 3.0
WRONG = 1
"""The exit code where a rules file is wrong."""


def alerts(options: argparse.Namespace) -> int:
    """Say what is wrong, answer it, check the rules, or make the secret of webhooks."""
    return _ERRANDS[options.errand](options)


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"alerts": alerts}
"""The function of each command."""


def _tell(options: argparse.Namespace) -> int:
    answer = _asked(TellAlerts())
    if answer.alerts is None:
        return _say(answer)
    if options.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer.alerts)).decode() + "\n")
    else:
        sys.stdout.write("\n".join([answer.text, *_lines(answer.alerts)]) + "\n")
    return answer.code


def _acknowledge(options: argparse.Namespace) -> int:
    return _say(_asked(AnswerAlert(number=options.number, does=AlertAnswer.ACKNOWLEDGE)))


def _silence(options: argparse.Namespace) -> int:
    request = AnswerAlert(number=options.number, does=AlertAnswer.SILENCE, for_s=options.for_s)
    return _say(_asked(request))


def _reopen(options: argparse.Namespace) -> int:
    return _say(_asked(AnswerAlert(number=options.number, does=AlertAnswer.REOPEN)))


def _check(options: argparse.Namespace) -> int:
    from engine.shell.alert_rules import checked  # noqa: PLC0415  # help needs none of it

    return _of_rules(options, lambda path: "\n".join(checked(path)) + "\n")


def _prometheus(options: argparse.Namespace) -> int:
    from engine.shell.alert_rules import for_prometheus  # noqa: PLC0415  # help needs none of it

    return _of_rules(options, for_prometheus)


def _of_rules(options: argparse.Namespace, told: Callable[[Path], str]) -> int:
    """Print what a rules file comes to, or what is wrong with it."""
    path = options.file or standard_folders().alert_rules
    if options.file is not None and not path.exists():
        raise ConfigError(f"{path}: there is no such file")
    try:
        text = told(path)
    except ConfigError as error:
        sys.stderr.write(f"touchline: {error}\n")
        return WRONG
    sys.stdout.write(text)
    return 0


def _secret(options: argparse.Namespace) -> int:
    from engine.credentials import Credentials  # noqa: PLC0415  # help needs none of it
    from engine.shell.alert_rules import new_secret  # noqa: PLC0415
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    settings = chosen_settings(options)
    kept = Credentials(settings, options.key_file, PassphraseEntry(settings.vault), standard_folders())
    secret = new_secret(kept)
    sys.stderr.write(
        f"It is in {kept.place}. Give it to who verifies the webhooks; it is not printed again.\n"
    )
    sys.stdout.write(f"{secret}\n")
    return 0


_ERRANDS: Mapping[str | None, Callable[[argparse.Namespace], int]] = {
    None: _tell,
    "ack": _acknowledge,
    "silence": _silence,
    "reopen": _reopen,
    "check": _check,
    "prometheus": _prometheus,
    "secret": _secret,
}


def _asked(request: Request) -> Answer:
    try:
        return ask(standard_folders().data, request, WAIT_S)
    except NoDeskError as error:
        return Answer(code=Code.NO_DESK, text=f"{error}; `touchline` starts one")
    except SilentDeskError as error:
        return Answer(code=Code.UNPROVEN, text=str(error))


def _say(answer: Answer) -> int:
    stream = sys.stdout if answer.code is Code.PROVEN else sys.stderr
    stream.write(f"{'' if answer.code is Code.PROVEN else 'touchline: '}{clean(answer.text, 400)}\n")
    return answer.code


def _lines(view: AlarmsView) -> Iterator[str]:
    for alarm in view.open:
        yield f"#{alarm.number:<4} {alarm.severity.value:9} {_since(alarm)}  {clean(alarm.cause, 64)}"
        more = f" (and {alarm.more} more)" if alarm.more else ""
        yield f"      {clean(alarm.text, 300)}{more}"
        if alarm.state is AlarmState.ACKNOWLEDGED:
            yield f"      acknowledged by {clean(alarm.by, 64)} at {_utc(alarm.answered_ns)}"
        elif alarm.state is AlarmState.SILENCED:
            yield f"      silenced by {clean(alarm.by, 64)} until {_utc(alarm.until_ns)}"
    for alarm in view.past:
        yield f"over  {alarm.severity.value:9} {_since(alarm)}  #{alarm.number} {clean(alarm.cause, 64)}: {clean(alarm.text, 300)}"
    yield f"rules: {clean(view.rules, 200) or 'not read yet'}"


def _since(alarm: AlarmView) -> str:
    return _utc(alarm.since_ns)


def _utc(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M:%S} UTC"
