"""Tells of alerts beyond this machine, in a thread of its own; tells there too when nobody looks after them any more."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from engine.alerts.conditions import RANK
from engine.alerts.outbox import Outbox
from engine.clock import NS_PER_S, Clock
from engine.errors import ConfigError
from engine.messages.alarm_views import AlarmView, Notice, NoticeKind
from engine.messages.circuits import Operation
from engine.messages.events import Severity
from engine.messages.rows import RowReading
from engine.messages.views import HealthState
from engine.ports.secrets import Credential
from engine.settings.alerts import CREDENTIAL, AlertSettings
from engine.thread import LoopThread
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S, Breaker

if TYPE_CHECKING:
    from engine.alerts.heartbeat import Heartbeat

SILENT_S: Final = 5.0
"""After so long without a look at the numbers, nobody looks after alerts any more."""
LOOK_S: Final = 1.0
_encode = msgspec.json.Encoder().encode


class Messenger:
    """Takes notices from the engine's thread, and its beats; stands apart from it in everything else."""

    def __init__(
        self,
        settings: AlertSettings,
        secret: Credential | None,
        clock: Clock,
        about: Mapping[str, str],
        *,
        open_s: float = OPEN_S,
    ) -> None:
        """Take what every notice tells of the desk; `open_s` is how long a webhook that fails is left alone.

        Raises:
            ConfigError: an address is wrong, or there is no secret to sign with.
        """
        self._settings = settings
        self._clock = clock
        self._about = dict(about)
        self._open_s = open_s
        self._thread = LoopThread("touchline-alerts")
        self._secret = secret
        self._urls = {
            setting: checked_url(f"alerts.{setting}", url, "https")
            for setting in ("webhook_url", "escalate_url", "heartbeat_url")
            if (url := getattr(settings, setting))
        }
        if self._urls.keys() & {"webhook_url", "escalate_url"} and secret is None:
            raise ConfigError(
                "alerts.webhook_url: webhooks are signed, and there is no secret yet; touchline alerts secret makes one"
            )
        self._boxes: dict[str, Outbox] = {}
        self._beat_ns = 0
        self._numbers = itertools.count(1)
        self._silent = False
        beaten = self._urls.get("heartbeat_url")
        self._heartbeat = _heartbeat(beaten, settings.heartbeat_s) if beaten else None

    def start(self) -> None:
        """Begin to tell."""
        self.beat()
        self._thread.start(self._run)

    def stop(self) -> None:
        """Tell no more, and wait for the thread."""
        self._thread.stop()

    def beat(self) -> None:
        """Note that alerts are looked after; callable from any thread."""
        self._beat_ns = self._clock.monotonic_ns()

    def tell(self, notice: Notice) -> None:
        """Have a notice told where it belongs; callable from any thread, and never waits."""
        if RANK[notice.alarm.severity] < RANK[Severity(self._settings.webhook_from)]:
            return
        letter = self._letter(notice.kind, notice.sentence, notice.at_ns, notice.alarm)
        self._thread.call(self._put, *letter, notice.kind)

    def reading(self) -> RowReading:
        """Return how telling stands; quick, and for any thread."""
        boxes = tuple(self._boxes.values())
        sent, waiting, lost = (
            sum(getattr(box, name) for box in boxes) for name in ("sent", "waiting", "lost")
        )
        trouble = next((box.trouble for box in boxes if box.trouble), "")
        told = f"{sent:,} sent · {waiting:,} waiting · {lost:,} lost"
        if (heart := self._heartbeat) is not None:
            trouble, told = trouble or heart.trouble, f"{told} · {heart.answered:,} heartbeats"
        if not self._thread.is_running:
            return RowReading(HealthState.DOWN, "stopped", told, sent)
        return RowReading(
            HealthState.DOWN if trouble else HealthState.OK,
            "not taken" if trouble else f"{sent:,} sent",
            f"{trouble} · {told}" if trouble else told,
            sent,
        )

    async def _run(self) -> None:
        self._boxes = dict(self._made())
        async with asyncio.TaskGroup() as group:
            for box in self._boxes.values():
                group.create_task(box.run())
            group.create_task(self._watch())
            if self._heartbeat is not None:
                group.create_task(self._heartbeat.run(lambda: not self._silent))

    def _made(self) -> Iterator[tuple[str, Outbox]]:
        from engine.alerts.webhook import Webhook  # noqa: PLC0415  # it brings HTTP along: only where somebody is told

        for setting in self._urls.keys() - {"heartbeat_url"}:
            assert self._secret is not None
            breaker = Breaker(setting, Operation.WEBHOOK, self._clock, open_s=self._open_s)
            yield (
                setting,
                Outbox(Webhook(self._urls[setting], self._secret, breaker, self._clock), self._clock),
            )

    def _put(self, delivery: str, body: bytes, kind: NoticeKind) -> None:
        escalates = kind is NoticeKind.ESCALATED and "escalate_url" in self._boxes
        box = self._boxes.get("escalate_url" if escalates else "webhook_url")
        if box is not None:
            box.put(delivery, body)

    async def _watch(self) -> None:
        """Tell once when nobody looks after alerts any more, and once when somebody does again."""
        while True:
            await asyncio.sleep(LOOK_S)
            silent_s = (self._clock.monotonic_ns() - self._beat_ns) / NS_PER_S
            if (silent_s > SILENT_S) is self._silent:
                continue
            self._silent = not self._silent
            text = (
                f"nobody has looked after alerts for {silent_s:.0f} s: the engine hangs, or is gone"
                if self._silent
                else "alerts are looked after again"
            )
            kind = "dead-man" if self._silent else "alive"
            letter = self._letter(kind, text, self._clock.now_ns(), None)
            for box in self._boxes.values():
                box.put(*letter)

    def _letter(self, kind: str, text: str, at_ns: int, alarm: AlarmView | None) -> tuple[str, bytes]:
        """Return a delivery's name and its body."""
        told = {"version": 1, "kind": kind, "text": text, "at_ns": at_ns, "alert": alarm, **self._about}
        return f"{self._about.get('run', '')}-{next(self._numbers)}", _encode(told)


def _heartbeat(url: str, every_s: float) -> Heartbeat:
    from engine.alerts.heartbeat import Heartbeat  # noqa: PLC0415  # it brings HTTP along too

    return Heartbeat(url, every_s)


def messenger_of(
    settings: AlertSettings,
    read_credential: Callable[[str], Credential | None],
    clock: Clock,
    about: Mapping[str, str],
) -> Messenger | None:
    """Return what tells of alerts beyond this machine; None where the settings name nobody.

    Raises:
        ConfigError: an address is wrong, or there is no secret to sign with.
        SecretsError: the place that keeps the secret can't be asked.
    """
    if not (settings.webhook_url or settings.escalate_url or settings.heartbeat_url):
        return None
    needs_secret = settings.webhook_url or settings.escalate_url
    secret = read_credential(CREDENTIAL) if needs_secret else None
    return Messenger(settings, secret, clock, about)
