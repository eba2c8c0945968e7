"""A certificate that is shown: renewed while it is, kept where the new one will not do, and told of before its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.clock import SimulatedClock
from engine.messages.events import Severity
from engine.messages.views import HealthState
from engine.security.tls.certificate import DAY_NS
from engine.security.tls.expiry import CertificateWatch
from engine.security.tls.served import ServedCertificate
from tests.tls_pair import NOW_NS, Pair


class Bench:
    """A certificate of 90 days that is watched, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.pair, self.clock = Pair(folder), SimulatedClock(NOW_NS)
        self.pair.make()
        self.served = ServedCertificate(self.pair.path, self.pair.key_path, self.clock)
        self.served.open()
        self.told: list[tuple[Severity, str]] = []
        self.watch = CertificateWatch(self.served, self.clock, lambda *told: self.told.append(told))

    def look(self, days_left: float | None = None) -> list[tuple[Severity, str]]:
        """Look when so many days are left; return what is told then."""
        if days_left is not None:
            self.clock.advance_to(NOW_NS + int((90 - days_left) * DAY_NS))
        self.told.clear()
        asyncio.run(self.watch.look())
        return [*self.told]


def test_the_row_says_how_long_it_still_stands(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    shown: list[tuple[HealthState, str]] = []
    for days_left in (30.0, 29.9, 1.5, 0.5, -0.1):
        bench.look(days_left)
        shown.append(bench.watch.standing()[:2])
    assert shown == [
        (HealthState.OK, "30 days left"),
        (HealthState.DEGRADED, "29 days left"),
        (HealthState.DEGRADED, "1 day left"),
        (HealthState.DEGRADED, "0 days left"),
        (HealthState.DOWN, "over"),
    ]
    assert bench.watch.standing().detail == "renew it · development · localhost, 127.0.0.1, ::1"


def test_a_person_is_told_once_a_day_in_its_last_two_weeks(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert not bench.look(14.0)
    ((severity, text),) = bench.look(13.9)
    assert severity is Severity.WARNING
    assert text == f"renew the certificate {bench.pair.path}: it stands until 2027-04-15 08:00 UTC"
    assert not bench.look(13.0)
    assert bench.look(12.8) == [(severity, text)]
    ((severity, _),) = bench.look(-1.0)
    assert severity is Severity.CRITICAL


def test_a_renewed_one_is_taken_and_what_is_told_begins_anew(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.look(3.0)
    before = bench.served.certificate
    bench.pair.make(now_ns=bench.clock.now_ns())
    ((severity, text),) = bench.look()
    assert (severity, "another certificate is shown" in text) == (Severity.INFO, True)
    assert bench.served.certificate != before
    assert bench.watch.standing().value == "90 days left"
    assert not bench.look()


def test_one_that_will_not_do_is_not_taken_and_told_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    before, key = bench.served.certificate, bench.pair.key_path.read_bytes()
    bench.pair.make()
    certificate, new_key = bench.pair.path.read_bytes(), bench.pair.key_path.read_bytes()
    bench.pair.put(certificate, key)  # half of a renewal
    ((severity, text),) = bench.look()
    assert severity is Severity.WARNING
    assert "it is not the key of the certificate" in text
    assert bench.served.certificate == before
    assert bench.watch.standing().state is HealthState.DEGRADED
    assert not bench.look()
    bench.pair.put(certificate, new_key)
    assert [severity for severity, _ in bench.look()] == [Severity.INFO]
    assert bench.watch.standing().state is HealthState.OK


def test_files_that_are_gone_change_nothing_about_what_is_shown(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    before = bench.served.certificate
    bench.pair.put(None, None)
    ((severity, text),) = bench.look()
    assert severity is Severity.WARNING
    assert "there is no such certificate" in text
    assert bench.served.certificate == before


def test_before_it_is_opened_there_is_nothing_to_tell(tmp_path: Path) -> None:
    clock = SimulatedClock(NOW_NS)
    watch = CertificateWatch(ServedCertificate(tmp_path, tmp_path, clock), clock, lambda *_: None)
    assert watch.standing()[:2] == (HealthState.OFF, "none")


def test_a_chain_that_is_broken_further_on_is_a_sentence(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    whole, key = bench.pair.path.read_bytes(), bench.pair.key_path.read_bytes()
    bench.pair.put(whole + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key)
    ((severity, text),) = bench.look()
    assert severity is Severity.WARNING
    assert text.endswith(f"{bench.pair.path}: expected certificates in PEM, found something else")
