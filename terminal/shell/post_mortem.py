"""A post-mortem as far as the program knows it: what was not well, who did what, what the account did; the rest is for people."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.clock import NS_PER_S, SystemClock
from engine.config import load_settings
from engine.errors import EngineError
from engine.folders import Folders, standard_folders
from engine.messages.log_line import Level, Wanted
from engine.model.text import clean

if TYPE_CHECKING:
    from engine.shell.rollback import Rollback, Rollbacks

_BEFORE_NS: Final = 86_400 * NS_PER_S
"""How long before the rollback it begins to look."""
_LINES_MAX: Final = 60
"""The newest of each list; the commands named there have the rest."""
_TEXT_MAX: Final = 300
_FOR_PEOPLE: Final = """\
## What happened

What was seen first, by whom; what it did to the account; what was done, and what became of it.

## What helped, and what did not

## Causes

## Procedures that change

| runbook | what it was missing | changed by | on |
|---|---|---|---|

## What is corrected

| cause | who mends it | until | the test that fails as long as it is there |
|---|---|---|---|

## Authorised

| as | by | on |
|---|---|---|
"""


def write_post_mortem(rollbacks: Rollbacks, options: argparse.Namespace) -> Path:
    """Write down what is known of the last day, and of the rollback that goes on; return where.

    Raises:
        EngineError: it can't be written.
    """
    from engine.shell.rollback import new_file  # noqa: PLC0415  # help needs none of it

    now_ns, current = SystemClock().now_ns(), rollbacks.current()
    text = "\n".join(_told(standard_folders(), options, current, now_ns))
    return new_file(rollbacks.folder, f"postmortem-{_utc(now_ns)[:10]}", ".md", f"{text}\n{_FOR_PEOPLE}")


def version_before(version: str) -> str:
    """Return the newest other version that the history has a session of; empty where it has none."""
    from engine.shell.past import answers  # noqa: PLC0415  # help needs none of it

    query = (
        "SELECT json_extract(body, '$.version') AS version FROM audit "
        "WHERE kind = 'SessionBegan' AND version <> ?1 ORDER BY sequence DESC LIMIT 1"
    )
    try:
        rows = answers(standard_folders(), {"before": query}, (version,))["before"]
    except EngineError:
        return ""
    return clean(rows[0]["version"], 32) if rows else ""


def _told(
    folders: Folders, options: argparse.Namespace, current: Rollback | None, now_ns: int
) -> Iterator[str]:
    since_ns = (current.began_ns if current is not None else now_ns) - _BEFORE_NS
    yield f"# Post-mortem of {_utc(now_ns)[:10]}\n\nWritten {_utc(now_ns)} UTC, from {_utc(since_ns)} on; nobody is to blame.\n"
    if current is not None:
        yield from _block("The rollback", _of_rollback(current))
    yield from _block("What was not well (touchline incidents)", _of_incidents(folders, since_ns))
    yield from _block("Who did what (touchline audit show)", _of_audit(folders, options, since_ns))
    yield from _block("What was said (touchline logs --level warning)", _of_log(folders, since_ns))
    yield from _block("What the account did (touchline report)", _of_report(options))


def _of_rollback(current: Rollback) -> Iterator[str]:
    from engine.shell.rollback import STEPS  # noqa: PLC0415  # help needs none of it

    yield f"reason   {current.reason}"
    yield f"version  {current.version}, before it {version_before(current.version) or 'unknown'}"
    yield f"began    {_utc(current.began_ns)}"
    for each in current.taken:
        yield f"{_utc(each.at_ns)}  {each.who}  {each.number} {STEPS[each.number - 1].title}: {each.how}, {each.said}"


def _of_incidents(folders: Folders, since_ns: int) -> Iterator[str]:
    from engine.shell.incidents import incidents  # noqa: PLC0415  # help needs none of it

    for account, several in incidents(folders, since_ns=since_ns).items():
        for each in reversed(several):
            ended = _utc(each.ended_ns) if each.ended_ns else "goes on"
            yield f"{_utc(each.began_ns)} to {ended}  {account}  {each.worst}  {each.label}: {each.said}"


def _of_audit(folders: Folders, options: argparse.Namespace, since_ns: int) -> Iterator[str]:
    from engine.shell.audit_trail import AuditTrail  # noqa: PLC0415  # help needs none of it

    trail = AuditTrail(folders, load_settings(options.config or folders.settings))
    for entry in trail.entries():
        if entry.time_ns >= since_ns:
            yield f"{_utc(entry.time_ns)}  {entry.who} ({entry.origin})  {entry.what}  {entry.subject}  {entry.after}"


def _of_log(folders: Folders, since_ns: int) -> Iterator[str]:
    from engine.shell.log_reader import LogReader  # noqa: PLC0415  # help needs none of it
    from terminal.log.log_words import in_words  # noqa: PLC0415

    reader = LogReader(folders.logs, Wanted(level=Level.WARNING, since_ns=since_ns))
    try:
        yield from (in_words(line) for line in reader.last(_LINES_MAX))
    finally:
        reader.close()


def _of_report(options: argparse.Namespace) -> Iterator[str]:
    from terminal.__main__ import main  # noqa: PLC0415  # it imports this, where it is said

    said, why = io.StringIO(), io.StringIO()
    words = ["--config", str(options.config)] if options.config is not None else []
    with redirect_stdout(said), redirect_stderr(why):
        main(["report", "--since", "48h", *words])
    yield from (said.getvalue() or why.getvalue()).splitlines()


def _block(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a section whose lines stay what they are, whatever they hold; what can't be read says why."""
    yield f"## {heading}\n"
    kept: list[str] = []
    try:
        for line in lines:
            kept.append(line)  # noqa: PERF402  # what was read before an error counts
    except EngineError as error:
        kept.append(f"not to be read to its end: {error}")
    if len(kept) > _LINES_MAX:
        yield f"    {len(kept) - _LINES_MAX:,} older lines are left out"
    yield "\n".join(f"    {clean(line, _TEXT_MAX)}" for line in kept[-_LINES_MAX:]) or "    nothing"
    yield ""


def _utc(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M:%S}"
