"""What lets a version trade live: signed in the registry and told in the audit log, and nothing that is cut off brings it back."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.duties.model_moves import audited_registry
from engine.duties.model_sign_offs import SIGNED, ModelSignOffs, sign_off_act
from engine.security.audit.entry import Act
from engine.security.audit.heads import NAME as HEAD
from engine.security.audit.heads import export_head, load_or_make_key
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.model_keys import ModelKeys
from engine.security.vault.key_file import KeyFile
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE
from engine.signals.registry.registry import Registry
from tests.model_bench import KEY, Bench

MODEL = "daily"
NOBODY = "nobody of the risk role signed for it"


class Signing(Bench):
    """A data folder with one version, whoever signs for it, and a live desk that asks."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.secrets = KeyFile(root / "keys")
        self.log = AuditLog(self.data / AUDIT, SystemClock())
        self.head = self.data / "backups" / HEAD
        self.version = self.champion()
        self.desk = self.started()

    def opened(self) -> Registry:
        return audited_registry(self.data, ModelKeys(KEY), self.clock)

    def started(self) -> ModelSignOffs:
        """Return what a desk that starts now asks."""
        return ModelSignOffs(self.log.path, self.head, lambda: self.secrets, self.opened)

    def sign(self) -> None:
        event = self.opened().sign_off(MODEL, self.version, "ann", "looked at")
        self.log.write(sign_off_act(event, "ann"))

    def withdraw(self) -> None:
        event = self.opened().withdraw_sign_off(MODEL, self.version, "ann", "thought again")
        self.log.write(sign_off_act(event, "ann"))

    def back_up(self) -> None:
        """Sign the log's end, as each backup does."""
        self.head.parent.mkdir(mode=0o700, exist_ok=True)
        export_head(self.log.path, self.head, load_or_make_key(self.secrets)[0], SystemClock())

    def keep(self, *names: str) -> Callable[[], None]:
        """Keep files as they are now, and return what puts them back."""
        for name in names:
            shutil.copyfile(self.data / name, self.root / f"kept-{name}")

        def put_back() -> None:
            for name in names:
                shutil.copyfile(self.root / f"kept-{name}", self.data / name)

        return put_back

    def objection(self, desk: ModelSignOffs | None = None) -> str:
        """Return what a desk says once it has looked: one that starts now, or one that runs."""
        desk = desk or self.started()
        desk.look()
        return desk.objection(MODEL, self.version)


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return Signing(tmp_path)


def test_a_sign_off_counts_until_it_is_withdrawn(signing: Signing) -> None:
    assert NOBODY in signing.objection(signing.desk)
    signing.sign()
    assert signing.objection(signing.desk) == ""
    signing.withdraw()
    assert NOBODY in signing.objection(signing.desk)
    signing.sign()
    assert signing.objection(signing.desk) == signing.objection() == ""


def test_a_withdrawal_that_was_cut_from_the_audit_log_still_counts(signing: Signing) -> None:
    signing.sign()
    put_back = signing.keep(AUDIT)
    signing.withdraw()
    put_back()
    assert NOBODY in signing.objection()
    assert NOBODY in signing.objection(signing.desk)


def test_a_withdrawal_that_was_cut_from_the_registry_still_counts(signing: Signing) -> None:
    signing.sign()
    put_back = signing.keep(FILE)
    signing.withdraw()
    put_back()
    assert "ends at event 4, and the audit log tells of event 5" in signing.objection()


def test_a_withdrawal_that_was_cut_from_both_is_found_out_by_the_newest_backup(signing: Signing) -> None:
    signing.sign()
    put_back = signing.keep(FILE, AUDIT)
    signing.withdraw()
    signing.back_up()
    put_back()
    said = signing.objection()
    assert "audit.head was signed at entry 2, the log ends at entry 1" in said
    assert said.endswith("touchline audit verify looks at the audit log")


def test_a_registry_that_is_taken_as_it_stands_brings_no_sign_off_back(signing: Signing) -> None:
    signing.sign()
    put_back = signing.keep(FILE)
    signing.withdraw()
    put_back()
    signing.log.write(Act(who="ann", what="models-accepted", origin="shell", subject=str(last(signing))))
    assert "the audit log here does not say so; sign again" in signing.objection()


def last(signing: Signing) -> str:
    event = signing.registry.store.events()[-1]
    return f"event {event.number} {event.hash[:16]}"


def test_an_entry_alone_that_somebody_wrote_into_the_audit_log_signs_for_nothing(signing: Signing) -> None:
    event = signing.registry.events(MODEL)[-1]
    forged = Act(
        who="ann", what=SIGNED, origin="shell", subject=f"{MODEL} {signing.version}, event 3", before="risk"
    )
    signing.log.write(forged)
    assert event.number == 3
    assert signing.objection()


def test_an_event_alone_signs_for_nothing_and_says_what_to_do(signing: Signing) -> None:
    signing.opened().sign_off(MODEL, signing.version, "ann", "died before it was told")
    assert "ann signed for it, and the audit log here does not say so; sign again" in signing.objection()
    signing.sign()
    assert signing.objection() == ""


def test_half_an_entry_at_the_end_of_the_audit_log_takes_nothing_away(signing: Signing) -> None:
    signing.sign()
    signing.back_up()
    with signing.log.path.open("ab") as file:
        file.write(b'{"number":2,"time_ns":17')
    assert signing.objection(signing.desk) == signing.objection() == ""
    signing.withdraw()
    assert NOBODY in signing.objection(signing.desk)


@pytest.mark.parametrize("lost", ["audit-key", "everything"])
def test_a_head_that_can_not_be_judged_lets_nothing_trade(signing: Signing, lost: str) -> None:
    signing.sign()
    signing.back_up()
    signing.secrets = KeyFile(signing.root / "other")
    if lost == "audit-key":
        load_or_make_key(signing.secrets)
    assert "sign-offs can't be read: " in signing.objection(signing.desk)


def test_what_can_not_be_signed_for_says_so_and_writes_nothing(signing: Signing) -> None:
    with pytest.raises(ModelRefused, match="there is no version"):
        signing.opened().withdraw_sign_off(MODEL, "0" * 16, "ann", "x")
    file = signing.file(signing.version, "model.json")
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ModelRefused, match="changed since"):
        signing.opened().sign_off(MODEL, signing.version, "ann", "x")
    assert len(signing.registry.store.events()) == 3
    signing.withdraw()


def test_a_registry_that_somebody_wrote_into_lets_nothing_trade(signing: Signing) -> None:
    signing.sign()
    with closing(sqlite3.connect(signing.data / FILE, isolation_level=None)) as found:
        found.execute("DROP TRIGGER events_hold")
        found.execute(
            "UPDATE stage_event SET event = CAST(replace(event, 'looked at', 'looked in') AS BLOB) WHERE number = 4"
        )
    assert "event 4: it was changed since it was written" in signing.objection()


async def followed(desk: ModelSignOffs) -> None:
    task = asyncio.create_task(desk.run())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


def test_where_nobody_follows_any_more_nothing_trades(signing: Signing) -> None:
    signing.sign()
    asyncio.run(followed(signing.desk))
    assert "nobody looks at the audit log any more" in signing.desk.objection(MODEL, signing.version)
