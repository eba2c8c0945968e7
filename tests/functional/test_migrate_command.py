"""`touchline migrate`: up and down, refused where something would be lost, while a desk runs, or of a newer program."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.account.journal import open_account
from engine.config import JournalSettings
from engine.errors import JournalError
from engine.migrations.schemas import CURRENT, MEANINGS, PROGRAMS
from engine.security.operators.database import OperatorFile
from engine.store.cipher import Cipher
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from engine.store.segment import HEADER, pack_header, parse_header
from terminal.__main__ import main
from tests.documented import page, rows, section
from tests.engine_rooms import ABC, buying, composed, passes
from tests.old_journal import entries_of, old_journal, state_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    return tmp_path


def all_files(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "lock"
    }


def acts(home: Path) -> list[tuple[str, str, str]]:
    lines = (home / "data" / "audit.log").read_text(encoding="utf-8").splitlines()
    entries = [entry for entry in map(json.loads, lines) if entry["what"] == "migrated"]
    return [(entry["subject"], entry["before"], entry["after"]) for entry in entries]


def operators(home: Path, failed: int = 0) -> Path:
    path = home / "data" / "operators.sqlite3"
    with OperatorFile(path).changing() as found:
        found.execute("INSERT INTO operators VALUES ('ann', 'admin', x'00', 0, 0, 1)")
        for number in range(failed):
            found.execute("INSERT INTO failed (at_ns, origin) VALUES (?, 'desk')", (number,))
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as found:
        (version,) = found.execute("PRAGMA user_version").fetchone()
    return int(version)


def test_nothing_is_there_to_migrate(home: Path, capsys: Capture) -> None:
    assert main(["migrate", "--check"]) == 0
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.endswith("Nothing is kept here yet.\n")
    assert not list(home.iterdir())


def test_an_account_goes_down_and_up_and_each_step_is_kept_and_written_down(
    home: Path, capsys: Capture
) -> None:
    folder = old_journal(home / "data")
    records, state = entries_of(folder), state_of(folder)
    assert main(["migrate", "--check"]) == 1
    assert "journal sim                        1        2  nothing is lost" in capsys.readouterr().out
    for arguments in ([], ["--to", "1"], ["--to", "0"], ["--for", "0.1.0"]):
        assert main(["migrate", *arguments]) == 0
        assert entries_of(folder) == records
        assert state_of(folder) == state
    assert "journal sim: schema 1 became 2; as it was: " in capsys.readouterr().out
    assert main(["migrate", "--check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["schema"] == 2
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "journal sim: schema 2 already\n"
    assert len(list(folder.parent.glob("sim.schema-*"))) == 4
    assert acts(home) == [
        ("journal sim", f"schema {before}", f"schema {after}")
        for before, after in ((1, 2), (2, 1), (1, 0), (1, 2))
    ]


def test_what_would_be_lost_is_named_and_left_out_only_when_it_is_allowed(
    home: Path, capsys: Capture
) -> None:
    with composed(home) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
        passes(rooms, 1)
    journal = home / "data" / "journal"
    before = all_files(journal)
    assert main(["migrate", "--to", "0"]) == 2
    told = capsys.readouterr().err
    assert "journal sim: schema 0 can't hold all of it:" in told
    assert "OrderSubmitted.bid" in told
    assert "nothing was changed" in told
    assert all_files(journal) == before
    assert main(["migrate", "--to", "0", "--allow-loss", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    lost = [json.loads(line) for line in Path(row["lost"]).read_text(encoding="utf-8").splitlines()]
    assert {"OrderSubmitted.bid": 10_000, "OrderSubmitted.ask": 10_002} in [each["lost"] for each in lost]
    assert all_files(Path(row["backup"])).keys() == {
        path.replace(f"{journal}/sim", row["backup"]) for path, content in before.items() if any(content)
    }  # an empty segment that stands ready is nothing to keep
    with composed(home, later_s=60) as rooms:
        assert rooms.ledger.positions[ABC].quantity == 10


def test_nothing_is_migrated_while_a_desk_runs(home: Path, capsys: Capture) -> None:
    with composed(home):
        before = all_files(home / "data" / "journal")
        assert main(["migrate", "--to", "1"]) == 2
        assert "another Touchline uses this journal" in capsys.readouterr().err
        assert all_files(home / "data" / "journal") == before


def test_what_a_newer_program_wrote_is_refused_and_not_touched(home: Path, capsys: Capture) -> None:
    folder = old_journal(home / "data")
    segment = folder / "00000001.tlj"
    data = segment.read_bytes()
    header = parse_header(data, "")
    assert header is not None
    segment.write_bytes(pack_header(header, 3) + data[HEADER.size :])
    before = all_files(home / "data")
    with pytest.raises(JournalError, match=r"written in journal version 3.*touchline migrate --to 2"):
        open_account(JournalSettings(), folder, strict=True)
    assert main(["migrate"]) == 2
    told = capsys.readouterr().err
    assert "journal sim has schema 3, and this version (0.1.0) knows up to 2; nothing was changed" in told
    assert "touchline migrate --store journal --to 2" in told
    assert all_files(home / "data") == before


def test_a_sealed_journal_goes_down_without_its_key_but_not_to_what_has_no_seal(
    home: Path, capsys: Capture
) -> None:
    cipher = Cipher(KeyRing((Key(bytes(KEY_BYTES)),), "the vault"))
    with composed(home, cipher=cipher) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
    assert main(["migrate", "--to", "1"]) == 0
    assert main(["migrate", "--to", "0", "--allow-loss"]) == 2
    assert "it is encrypted, and schema 0 has no sealed records" in capsys.readouterr().err
    with composed(home, later_s=60, cipher=cipher) as rooms:
        assert rooms.recovered.records
    assert acts(home)[-1] == ("journal sim", "schema 1", "schema 2")


def test_the_operators_go_down_and_come_up_when_they_are_asked(home: Path, capsys: Capture) -> None:
    path = operators(home, failed=2)
    down = ["migrate", "--store", "operators", "--to", "1"]
    assert main(down) == 2
    assert "2 records hold what it has no place for: failed" in capsys.readouterr().err
    assert version_of(path) == 2
    assert main([*down, "--allow-loss"]) == 0
    assert version_of(path) == 1
    lost = (home / "data" / "operators.sqlite3.schema-2.lost.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["at_ns"] for line in lost.splitlines()] == [0, 1]
    assert version_of(home / "data" / "operators.sqlite3.schema-2") == 2
    assert main(["operators", "list"]) == 0
    assert "ann" in capsys.readouterr().out
    assert version_of(path) == 2
    assert version_of(home / "data" / "operators.sqlite3.schema-1") == 1
    assert main(down) == 0
    assert main(["migrate"]) == 0
    assert acts(home) == [
        ("operators", f"schema {before}", f"schema {after}") for before, after in ((2, 1), (1, 2)) * 2
    ]


def test_operators_of_a_newer_program_are_refused(home: Path, capsys: Capture) -> None:
    path = operators(home)
    with closing(sqlite3.connect(path)) as found:
        found.execute("PRAGMA user_version = 3")
    for arguments in (["operators", "list"], ["migrate"]):
        assert main(arguments) == 2
        assert "touchline migrate --store operators --to 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "3"], "--to 3: expected a schema of the journal from 0 to 2"),
        (["--to", "0", "--store", "operators"], "expected a schema of the operators from 1 to 2"),
        (["--for", "9.9"], "--for 9.9: this version knows what 0.1.0 keeps"),
    ],
    ids=["schema", "operators", "version"],
)
def test_what_leads_nowhere_is_a_sentence(
    home: Path, capsys: Capture, arguments: list[str], told: str
) -> None:
    assert main(["migrate", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not list(home.iterdir())


def test_the_page_has_every_schema_and_what_each_version_knows() -> None:
    text = section(page("docs/deployment.md"), "## Upgrade and downgrade")
    told = [(store, int(schema), what) for store, schema, what in rows(text)[:5]]
    assert told == [
        (store, schema, what) for store, each in MEANINGS.items() for schema, what in each.items()
    ]
    for version, known in PROGRAMS.items():
        assert (
            f"{version} reads and writes {' and '.join(f'{store} {known[store]}' for store in CURRENT)}."
            in text
        )
