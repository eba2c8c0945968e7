"""Backups and restores: taken by themselves, opened with our keys, and drilled."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks.check import Check, Checks, proved
from engine.preflight.checks.storage import DRILL_DAYS_MAX
from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, judged, passed, waits

BACKUP_DAYS_MAX: Final = 1.1
RECOVERY_TIME_S_MAX: Final = 300.0
RECOVERY_POINT_S_MAX: Final = 26 * 3_600.0
_TIMER: Final = "touchline backup, and a timer for it (docs/service.md)"


def _backed_up(facts: Facts) -> Found:
    found = facts.backups
    missing = [account for account in found.accounts if account not in found.newest_ns]
    if missing or not found.newest_ns:
        told = f"no backup of {', '.join(missing)}" if missing else f"{found.folder} holds no backup"
        return facts.missing(told, _TIMER)
    if found.models_wanted and not found.models:
        return facts.missing(f"{found.folder} holds no backup of the models", "touchline backup")
    if found.damaged:
        return failed(f"does not open: {'; '.join(found.damaged[:3])}", "touchline backup --base")
    for account, when in found.newest_ns.items():
        if not facts.is_fresh(when, BACKUP_DAYS_MAX):
            return failed(f"the newest piece of {account} was {facts.ago(when, 1)}", _TIMER)
    oldest = facts.ago(min(found.newest_ns.values()), 1)
    told = f"{len(found.newest_ns)} accounts, the newest piece of each made {oldest} at most, each opens"
    return _by_itself(facts, f"{told}; models: {found.models}" if found.models else told)


def _by_itself(facts: Facts, told: str) -> Found:
    """Return whether something takes the next one without being told."""
    timer = facts.backups.timer
    if not timer.manager:
        return waits(
            f"{told}; systemd does not run this system, so what takes the next one can't be seen",
            "touchline signoff BAK-1 --as infrastructure",
            basis="backups are taken by something else than systemd",
        )
    if timer.state != "active":
        found = f"touchline-backup.timer is {timer.state or 'not installed'}"
        return facts.missing(f"{told}; {found}", "systemctl enable --now touchline-backup.timer")
    return passed(f"{told}; touchline-backup.timer fires next {timer.next or 'when it is due'}")


def _backups_sealed(facts: Facts) -> Found:
    found = facts.backups
    if found.unsealed:
        return failed(f"not sealed: {', '.join(found.unsealed[:3])}", "touchline backup --base")
    if not facts.keys.backup:
        return facts.missing("there is no key that seals", "touchline setup")
    return passed(f"every piece is sealed; {facts.keys.backup} keys in {facts.keys.place}")


def _bases_kept(facts: Facts) -> Found:
    backup = facts.settings.backup
    return judged(
        well=backup.keep >= 2 and 1 <= backup.base_days <= 31,
        evidence=f"the newest {backup.keep} bases, a new one after {backup.base_days} days",
        remedy="[backup] keep of 2 or more, base_days of 1 to 31",
    )


def _elsewhere(facts: Facts) -> Found:
    if facts.backups.is_elsewhere:
        return passed(f"{facts.backups.folder} is on another disk than the accounts")
    return waits(
        f"{facts.backups.folder} is on the disk of the accounts; whether it is copied can't be seen from here",
        "[backup] folder on another disk, or touchline signoff BAK-4 --as infrastructure",
    )


def _rehearsed(judge: Check) -> Check:
    """Return a check of the last drill, which has to be recent."""

    def check(facts: Facts) -> Found:
        if not facts.audit.drilled_ns:
            return facts.missing("no drill was made yet", "touchline drill")
        if not facts.is_fresh(facts.audit.drilled_ns, DRILL_DAYS_MAX):
            told = f"the last drill was {facts.ago(facts.audit.drilled_ns)}"
            return failed(told, "touchline drill, and a timer for it")
        return judge(facts)

    return check


def _whole_restore(facts: Facts) -> Found:
    when = facts.ago(facts.audit.drilled_ns, 1)
    return passed(f"the last drill, {when}, restored, replayed and compared the whole account")


def _measured(limit_s: float, what: str) -> Check:
    """Return a check of a figure that the last drill measured."""

    def check(facts: Facts) -> Found:
        audit = facts.audit
        took_s = audit.recovery_time_s if what == "time" else audit.recovery_point_s
        return judged(
            well=took_s <= limit_s,
            evidence=f"the last drill: recovery {what} {took_s:.1f} s, at most {limit_s:,.0f} s",
            remedy="touchline backup more often, and touchline drill",
        )

    return _rehearsed(check)


CHECKS: Final[Checks] = {
    "BAK-1": _backed_up,
    "BAK-2": _backups_sealed,
    "BAK-3": _bases_kept,
    "BAK-4": _elsewhere,
    "REC-1": proved("qa", ("engine/store",), ("tests.functional.test_backup_commands",)),
    "REC-2": _rehearsed(_whole_restore),
    "REC-3": _measured(RECOVERY_TIME_S_MAX, "time"),
    "REC-4": _measured(RECOVERY_POINT_S_MAX, "point"),
}
