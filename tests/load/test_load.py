"""A short run of the load against the real program, and proof that what is wrong or grows is noticed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.documented import code, page, rows
from tests.load import __main__ as load
from tests.load.http_client import Answer, Caller
from tests.load.order_memory import costs
from tests.load.traffic import Tally
from tests.load.watching import GOALS, Sample, value_of, verdicts

CALM = Sample(100.0, 50.0, 10.0, 12.0, 5.0, 8.0, 20.0)


@pytest.mark.pty
def test_a_short_run_at_the_quotas_and_beyond_meets_its_goals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "load.json"
    assert load.main(["--seconds", "1", "--json", str(path)]) == 0, capsys.readouterr().out
    told = json.loads(path.read_text())
    assert {"read", "order"} <= set(told["within"]["p99_ms"]) <= {"read", "list", "order", "cancel"}, (
        "in one second"
    )
    assert told["within"]["errors_pct"] == told["beyond"]["errors_pct"] == 0
    assert told["beyond"]["requests"] > 0
    assert "every goal is met" in capsys.readouterr().out


def test_what_is_answered_wrongly_is_counted_with_its_reason() -> None:
    tally = Tally()
    for _ in range(998):
        tally.note("read", Answer(200, 1.0))
    assert tally.errors_pct == 0
    tally.note("read", Answer(503, 1.0, b'{"error": {"text": "Not yet"}}'))
    tally.note("read", Answer(429, 1.0, retries_after=True))
    assert dict(tally.wrong) == {"read: 503 Not yet": 1, "read: 429": 1}
    assert tally.errors_pct > load.ERRORS_PCT_MAX
    assert Tally().errors_pct == 100, "a run that asked nothing met nothing"


def test_beyond_the_quotas_one_may_be_held_back_and_told_until_when() -> None:
    tally = Tally()
    tally.note("flood", Answer(429, 1.0, retries_after=True), may_be_held_back=True)
    assert (tally.held_back, tally.errors_pct) == (1, 0)
    tally.note("flood", Answer(429, 1.0), may_be_held_back=True)
    assert (tally.held_back, tally.errors_pct) == (1, 50)


def test_who_hangs_up_or_says_nonsense_is_no_answer() -> None:
    async def talk() -> list[int]:
        async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answers.pop(0))
            writer.close()
            await writer.wait_closed()

        answers = [b"", b"what?\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"]
        server = await asyncio.start_server(say, "127.0.0.1", 0)
        async with server:
            caller = Caller(server.sockets[0].getsockname()[1])
            told = [(await caller.ask("GET", "/", "")).status for _ in range(3)]
            await caller.close()
            return told

    assert asyncio.run(talk()) == [0, 0, 0]


@pytest.mark.parametrize("name", GOALS)
def test_a_figure_that_grows_is_found_and_no_other(name: str) -> None:
    samples = [CALM._replace(**{name: getattr(CALM, name) * 2 ** (number / 5)}) for number in range(40)]
    assert [each.name for each in verdicts(samples) if not each.is_flat] == [name]


def test_what_is_flat_is_no_growth() -> None:
    assert all(each.is_flat for each in verdicts([CALM] * 40))


@pytest.mark.parametrize(("said", "minutes"), [("5400", 30.0), ("3600", 30.0), ("3000", 25.0), ("60", 0.5)])
def test_a_soak_compares_once_it_is_warm(said: str, minutes: float) -> None:
    assert load.asked_for(["--soak", "--seconds", said]).warm_up == minutes
    assert load.asked_for(["--soak", "--seconds", said, "--warm-up", "0.2"]).warm_up == 0.2


@pytest.mark.parametrize("minutes", ["1", "-1", "nan"])
def test_a_warm_up_that_leaves_nothing_to_compare_is_refused(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        load.main(["--soak", "--seconds", "60", f"--warm-up={minutes}"])
    said = f"--warm-up: expected 0 to less than the 1 minutes of the run, found {minutes}"
    assert said in capsys.readouterr().err


def test_a_figure_that_the_exporter_has_not_is_said() -> None:
    assert value_of("touchline_tasks 12\n", "touchline_tasks") == 12
    with pytest.raises(ValueError, match="no touchline_tasks"):
        value_of("touchline_tasks_other 1\n", "touchline_tasks")


def test_the_page_tells_the_goals() -> None:
    told = {code(row[0]): (row[1], row[2]) for row in rows(page("docs/load.md")) if code(row[0]) in GOALS}
    assert told == {name: (f"{goal.ratio:g} times", f"{goal.least:g}") for name, goal in GOALS.items()}
    assert f"At most {load.ERRORS_PCT_MAX} %" in page("docs/load.md")
    assert f"looked at {load.LOOKS} times" in page("docs/load.md")
    assert f"first {load.WARM_UP_MIN:g} minutes" in page("docs/load.md")


def test_an_order_that_is_over_leaves_little_behind(tmp_path: Path) -> None:
    _, cost = costs(tmp_path, rounds=2, orders=200, rests_s=0.2)
    assert cost < 20_000, "bytes of the process"
