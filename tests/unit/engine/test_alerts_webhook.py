"""Webhooks against a real server: signed, tried again, left alone, kept over an outage; and the dead man's word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from engine.alerts import messenger as messenger_module
from engine.alerts import outbox as outbox_module
from engine.alerts import webhook as webhook_module
from engine.alerts.messenger import Messenger, messenger_of
from engine.alerts.outbox import WAITING_MAX
from engine.alerts.webhook import signature
from engine.clock import NS_PER_S, SystemClock
from engine.errors import ConfigError
from engine.messages.alarm_views import AlarmState, AlarmView, Notice, NoticeKind
from engine.messages.events import Severity
from engine.messages.views import HealthState
from engine.ports.secrets import Credential
from engine.settings.alerts import AlertSettings
from tests.hand_clock import HandClock
from tests.unit.engine.hook_server import SECRET, HookServer
from tests.waiting import wait_until

ABOUT = {"account": "PAPER-1", "mode": "paper", "run": "r1"}
KEY = Credential("webhook", SECRET)


@pytest.fixture
def hooks() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is waited for come soon."""
    monkeypatch.setattr(outbox_module, "REST_S", 0.02)
    monkeypatch.setattr(messenger_module, "LOOK_S", 0.02)


@contextmanager
def telling(settings: AlertSettings, clock: SystemClock | None = None) -> Iterator[Messenger]:
    messenger = Messenger(settings, KEY, clock or SystemClock(), ABOUT, open_s=0.1)
    messenger.start()
    try:
        yield messenger
    finally:
        messenger.stop()


def notice(kind: NoticeKind = NoticeKind.FIRED, severity: Severity = Severity.CRITICAL) -> Notice:
    alarm = AlarmView(7, "venue kraken", severity, AlarmState.FIRING, "kraken is down", 2, 5 * NS_PER_S)
    return Notice(kind, alarm, 6 * NS_PER_S)


def test_a_notice_is_posted_signed_and_says_all_there_is_to_say(hooks: HookServer) -> None:
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        messenger.tell(notice())
        wait_until(lambda: bool(hooks.taken))
        wait_until(lambda: messenger.reading().value == "1 sent")
    (taken,) = hooks.taken
    assert not hooks.forged
    assert (taken["version"], taken["kind"], taken["delivery"]) == (1, "fired", "r1-1")
    assert taken["text"] == "alert 7: kraken is down (and 2 more)"
    assert taken["alert"]["cause"] == "venue kraken"
    assert {name: taken[name] for name in ABOUT} == ABOUT
    assert abs(taken["signed_s"] - SystemClock().now_ns() // NS_PER_S) < 60


def test_another_secret_or_another_body_does_not_verify(hooks: HookServer) -> None:
    for secret, body in (("other", b"{}"), (SECRET, b"{ }")):
        hooks.take(signature(secret, b"{}", 5 * NS_PER_S), "x", body)
    assert (len(hooks.forged), hooks.taken) == (2, [])


def test_less_severe_is_not_told_there(hooks: HookServer) -> None:
    with telling(AlertSettings(webhook_url=hooks.url, webhook_from="critical")) as messenger:
        messenger.tell(notice(severity=Severity.WARNING))
        messenger.tell(notice(NoticeKind.RESOLVED))
        wait_until(lambda: bool(hooks.taken))
    assert hooks.kinds == ["resolved"]


def test_an_escalation_goes_to_the_next_one(hooks: HookServer) -> None:
    with HookServer() as manager:
        settings = AlertSettings(webhook_url=hooks.url, escalate_url=manager.url)
        with telling(settings) as messenger:
            messenger.tell(notice())
            messenger.tell(notice(NoticeKind.ESCALATED))
            wait_until(lambda: bool(manager.taken and hooks.taken))
        assert (hooks.kinds, manager.kinds) == (["fired"], ["escalated"])


def test_one_that_fails_is_tried_again_and_has_every_notice_in_order_once_it_is_back(
    hooks: HookServer,
) -> None:
    hooks.status = 503
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        messenger.tell(notice())
        messenger.tell(notice(NoticeKind.RESOLVED))
        wait_until(lambda: len(hooks.tries) > 3)
        wait_until(lambda: messenger.reading().state is HealthState.DOWN)
        assert "2 waiting" in messenger.reading().detail
        hooks.status = 200
        wait_until(lambda: len(hooks.taken) == 2)
        wait_until(lambda: messenger.reading().state is HealthState.OK)
    assert hooks.kinds == ["fired", "resolved"]
    assert [each["delivery"] for each in hooks.taken] == ["r1-1", "r1-2"]


def test_one_that_hangs_is_given_up_in_time_and_tried_again(
    hooks: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_module, "TRY_S", 0.1)
    monkeypatch.setattr(webhook_module, "TOTAL_S", 0.25)
    hooks.hangs = True
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        messenger.tell(notice())
        wait_until(lambda: len(hooks.tries) >= 2)
        wait_until(lambda: "no answer" in messenger.reading().detail)
        hooks.hangs = False
        wait_until(lambda: messenger.reading().value == "1 sent")
    assert {each["delivery"] for each in hooks.taken} == {
        "r1-1"
    }  # a busy machine's answer may be late, and it is told again


def test_a_refusal_is_not_sent_again_and_does_not_hold_up_the_next(hooks: HookServer) -> None:
    hooks.status = 400
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        messenger.tell(notice())
        wait_until(lambda: "1 lost" in messenger.reading().detail)
        wait_until(lambda: "answered 400" in messenger.reading().detail)
        hooks.status = 200
        messenger.tell(notice(NoticeKind.RESOLVED))
        wait_until(lambda: hooks.kinds == ["resolved"])
    assert hooks.tries == ["r1-1", "r1-2"]


def test_one_that_is_asked_too_often_is_left_alone_for_as_long_as_it_wants(hooks: HookServer) -> None:
    hooks.status = 429
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        messenger.tell(notice())
        wait_until(lambda: messenger.reading().state is HealthState.DOWN)
        hooks.status = 200
        wait_until(lambda: bool(hooks.taken))
    assert len(hooks.tries) == 2


def test_what_waits_is_bounded_the_newest_stay_and_the_others_are_counted(hooks: HookServer) -> None:
    hooks.status = 503
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        for _ in range(WAITING_MAX + 7):
            messenger.tell(notice())
        wait_until(lambda: f"{WAITING_MAX} waiting · 7 lost" in messenger.reading().detail)


def test_what_nobody_took_for_a_quarter_of_an_hour_is_no_news_any_more(hooks: HookServer) -> None:
    hooks.status, clock = 503, SystemClock()
    hand = HandClock(clock)
    with telling(AlertSettings(webhook_url=hooks.url), clock) as messenger:
        messenger.tell(notice())
        wait_until(lambda: bool(hooks.tries))
        hand.waits(1_000)
        wait_until(lambda: "1 lost" in messenger.reading().detail)


def test_nobody_who_looks_after_alerts_is_told_outside_once_and_the_heartbeat_ends(hooks: HookServer) -> None:
    clock = SystemClock()
    hand = HandClock(clock)
    settings = replace(AlertSettings(webhook_url=hooks.url, heartbeat_url=hooks.url), heartbeat_s=0)
    with telling(settings, clock) as messenger:
        wait_until(lambda: hooks.beats > 3)
        hand.waits(6)
        wait_until(lambda: hooks.kinds == ["dead-man"])
        beats = hooks.beats
        assert "the engine hangs, or is gone" in hooks.taken[0]["text"]
        messenger.beat()
        wait_until(lambda: hooks.kinds == ["dead-man", "alive"])
        assert beats - 1 <= hooks.beats
        wait_until(lambda: hooks.beats > beats + 1)


def test_a_watcher_that_does_not_answer_is_told_on_the_row(hooks: HookServer) -> None:
    hooks.status = 500
    with telling(AlertSettings(heartbeat_url=hooks.url)) as messenger:
        wait_until(lambda: "no heartbeat: answered 500" in messenger.reading().detail)
        assert messenger.reading().state is HealthState.DOWN
    assert messenger.reading().state is HealthState.DOWN


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (
            AlertSettings(webhook_url="http://hooks.example/x"),
            "alerts.webhook_url: expected an address such as https",
        ),
        (AlertSettings(webhook_url="https://u:p@hooks.example/x"), "alerts.webhook_url"),
        (AlertSettings(escalate_url="ftp://127.0.0.1/x"), "alerts.escalate_url"),
        (AlertSettings(heartbeat_url="nonsense"), "alerts.heartbeat_url"),
    ],
    ids=["open to read", "a password in it", "another protocol", "no address"],
)
def test_an_address_that_will_not_do_ends_the_start(settings: AlertSettings, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        messenger_of(settings, lambda _: KEY, SystemClock(), ABOUT)


def test_nothing_is_sent_unsigned() -> None:
    settings = AlertSettings(webhook_url="https://hooks.example/x")
    with pytest.raises(ConfigError, match="touchline alerts secret makes one"):
        messenger_of(settings, lambda _: None, SystemClock(), ABOUT)
    assert messenger_of(AlertSettings(), lambda _: None, SystemClock(), ABOUT) is None
    assert messenger_of(
        AlertSettings(heartbeat_url="https://a.example"), lambda _: None, SystemClock(), ABOUT
    )


def test_the_secret_is_in_nothing_that_is_printed(hooks: HookServer) -> None:
    with telling(AlertSettings(webhook_url=hooks.url)) as messenger:
        told = f"{messenger!r} {vars(messenger)!r} {messenger.reading()!r}"
    assert SECRET not in told
