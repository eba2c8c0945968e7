"""What `touchline report` prints."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from engine.clock import NS_PER_S, SystemClock
from engine.folders import standard_folders
from engine.messages.log_line import Wanted
from engine.model.account import AccountMode
from engine.model.text import clean
from terminal.shell.history_commands import lag_of, sealed_of

if TYPE_CHECKING:
    from engine.shell.account_report import AccountReport, Span
    from engine.shell.incidents import Incident
    from engine.shell.log_report import Calls, LogReport

_HOUR_S = 3_600


def report(options: argparse.Namespace) -> int:
    """Print what an account did, and how the program held."""
    from engine.shell.account_report import NEWEST, QUERIES, account_report  # noqa: PLC0415  # help needs none of it
    from engine.shell.incidents import incidents  # noqa: PLC0415
    from engine.shell.log_reader import LogReader  # noqa: PLC0415
    from engine.shell.log_report import log_report  # noqa: PLC0415
    from engine.shell.past import account_of, answers, behind  # noqa: PLC0415

    folders = standard_folders()
    now_ns, span_ns = SystemClock().now_ns(), options.since * _HOUR_S * NS_PER_S
    sealed = sealed_of(options)

    def asked(queries: Mapping[str, str], *parameters: int) -> dict[str, list[dict[str, Any]]]:
        return answers(folders, queries, parameters, mode=options.mode, sealed=sealed)

    simulated = account_of(folders, options.mode, sealed=sealed is not None).startswith(AccountMode.SIMULATED)
    until_ns = (asked(NEWEST, 0)["last"][0]["time_ns"] or 0) if simulated else now_ns
    account = account_report(asked(QUERIES, until_ns - span_ns), until_ns - span_ns)
    unwell = [each for several in incidents(folders, since_ns=now_ns - span_ns).values() for each in several]
    reader = LogReader(folders.logs, Wanted(since_ns=now_ns - span_ns))
    try:
        log = log_report(reader.lines())
    finally:
        reader.close()
    if sealed is None:
        sys.stderr.write(lag_of(behind(folders, options.mode)))
    if options.json:
        whole = {
            "since_ns": until_ns - span_ns,
            "until_ns": until_ns,
            "account": account,
            "incidents": unwell,
            "log": log,
        }
        sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(whole)).decode()}\n")
        return 0
    clock = "by the clock of the simulated market" if simulated else "UTC"
    head = f"from {_utc(until_ns - span_ns)} to {_utc(until_ns)}, {clock}"
    lines = [head, *_of_account(account, options.since), *_of_incidents(unwell), *_of_log(log)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"report": report}
"""The function of each command."""


def _of_account(told: AccountReport, hours: int) -> Iterator[str]:
    sessions = told.sessions
    share = 100 * sessions.up_s / (hours * _HOUR_S)
    yield ""
    yield f"ran        at least {sessions.up_s / _HOUR_S:,.1f} h, {share:.1f} %; {_counted(sessions.began, 'session')} began"
    if sessions.not_ended:
        yield f"           {_counted(sessions.not_ended, 'session')} had no end: a crash, a kill or a loss of power"
    yield f"orders     {_counts(told.orders)}"
    yield f"fills      {told.fills:,}" + (f", {told.busted:,} taken back" if told.busted else "")
    yield from (f"fees       {fee} {currency}" for currency, fee in told.fees.items())
    yield f"answered   {_span(told.answered)}"
    yield from _listed("denied by", told.denials)
    yield from _listed("rejected", told.rejects)
    for halt in told.halts:
        about = f" {halt.symbol}" if halt.symbol else ""
        yield f"trading    {_utc(halt.time_ns)} {halt.state}{about}: {clean(halt.reason)}"


def _of_incidents(told: Sequence[Incident]) -> Iterator[str]:
    """Yield how often each component was not well, and for how long; one that goes on has no length yet."""
    yield ""
    counts, lasted_ns = Counter[str](), Counter[str]()
    for each in told:
        counts[each.label] += 1
        lasted_ns[each.label] += max(0, each.ended_ns - each.began_ns)
    if not counts:
        yield "incidents  none, as far as is kept"
    for label, count in counts.most_common():
        yield f"incidents  {count:>7,}  {clean(label)}, {lasted_ns[label] // NS_PER_S:,} s together"


def _of_log(told: LogReport) -> Iterator[str]:
    yield ""
    if not told.lines:
        yield "log        has no line of this span"
        return
    yield f"log        {told.lines:,} lines since {_utc(told.first_ns)}" + (
        f"; {told.left_out:,} more were left out and are not counted here" if told.left_out else ""
    )
    yield from _listed("alerts", told.alerts)
    yield from (f"venue      {clean(name)}: {_calls(calls)}" for name, calls in told.venues.items())
    if told.programs.count:
        yield f"programs   {_calls(told.programs)}, {told.programs.refused:,} refused"


def _listed(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from (f"{title:10} {count:>7,}  {clean(name) or 'no reason'}" for name, count in counts.items())


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _span(told: Span) -> str:
    if not told.count:
        return "nothing was sent"
    return f"p50 {told.p50_ms:,.1f} ms, p99 {told.p99_ms:,.1f} ms, at most {told.max_ms:,.1f} ms, of {told.count:,}"


def _calls(told: Calls) -> str:
    return (
        f"{told.count:,} calls, {told.failed:,} failed, p50 {told.p50_ms:,.1f} ms, p99 {told.p99_ms:,.1f} ms"
    )


def _utc(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M}"
