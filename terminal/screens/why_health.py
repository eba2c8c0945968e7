"""What a row of the health pane means: the component, its state and since when, what was wrong last."""

from __future__ import annotations

from engine.messages.health_views import TROUBLES
from terminal.desk import Desk
from terminal.format import NOTHING, age, time_of_day
from terminal.health.causes import explained

COMPONENTS = {
    "feed": "market data that comes in; down when nothing came for 3 s and nobody holds the market",
    "conflation": "quotes for each frame that the screen got: the screen takes the latest, the engine takes all",
    "quote_age": "how old quotes are; degraded when more than half of what trades has none to be trusted",
    "key_to_paint": "from a key until its effect was painted; degraded above 16 ms at the 99th percentile",
    "key_to_wire": "from a key until its order was handed to the broker; degraded above 1 ms at the 99th percentile",
    "order_to_ack": "from sending an order until the venue had it; degraded above 250 ms at the 99th percentile",
    "loop_lag": "how late the engine's loop wakes up; degraded above 10 ms at the 99th percentile",
    "source_to_screen": (
        "from the source's own time of a quote until it was on the screen, the oldest of each frame; "
        "degraded above 1.5 s at the 99th percentile"
    ),
    "journal": "the account's records on the disk; when it can't write, new orders are denied and cancels go out",
    "broker": "the comparison with the broker; R shows what differs",
    "queues": "alerts that wait for the screen, and alerts and orders that found no room",
    "orders": "orders at work, denied ones, and reports of the broker that did not fit",
    "desks": "the Redis that the desks share, and who is there; off where none is named",
    "trust": "quotes that are not believed, and why; degraded while there is one",
    "books": "order books, and those that are lost until their venue sends a fresh one",
    "cpu": "what the process takes of one processor; degraded above 90% over 10 s, as it then waits for itself",
    "gc": "the longest pause of the garbage collector in the last minute; degraded above 50 ms",
    "files": "files and connections that are open, of those that this program may have",
    "memory": "what the process holds now, and held at most",
    "disk": "the room on the disk of the data folder, and how many days it lasts; looked at every 30 s",
    "vault": "the place that keeps the secrets: looked at every 10 minutes, never opened, nobody is asked",
    "backup": "how old the newest backup of the account is; degraded after 26 hours, down after a week",
    "sign_in": "who signed in at this desk; degraded while accounts are locked, or tries to sign in fail in a burst",
    "projection": "the history's database, which follows the journal",
    "alerts": "who looks after the alert rules; down when nobody did for 5 s; A shows what is wrong",
    "exporter": "the numbers for Prometheus",
    "log": "the log of JSON lines",
}
"""What each component is, and when it is not well."""


def why_health(name: str, desk: Desk) -> tuple[str, list[str]] | None:
    """Explain one row of the health pane; None when there is none of that name."""
    row = next((row for row in desk.health if row.name == name), None)
    if row is None:
        return None
    lines = [
        f"state       {row.state.value}, {_since(row.since_ns, desk)}",
        f"now         {row.value}{' · ' + row.detail if row.detail else ''}",
        f"last error  {row.trouble or 'none since the start'}",
    ]
    if row.trouble:
        is_over = row.state not in TROUBLES
        began = (
            f"it began at {time_of_day(row.trouble_ns, desk.zone)}"
            if row.trouble_ns
            else "it began before the start"
        )
        lines.append(f"            {began}{' and is over' if is_over else ''}")
    behind = [link.strip() for link in explained(name, desk.health)[1:] if link]
    if row.state in TROUBLES:
        lines += [f"{'why' if not number else '':12}{link}" for number, link in enumerate(behind)]
    return row.label, [
        *lines,
        f"what        {COMPONENTS.get(name, NOTHING)}",
        f"metric      touchline_health_state, component {name}",
    ]


def _since(time_ns: int, desk: Desk) -> str:
    if not time_ns:
        return "since the start"
    return f"since {time_of_day(time_ns, desk.zone)}, for {age(max(0, desk.now_ns - time_ns))}"
