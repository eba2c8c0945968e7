"""What is looked at of the log: chosen, followed, held."""

from __future__ import annotations

from msgspec.structs import replace

from engine.messages.log_line import Level, LogLine
from terminal.log.log_view import KEPT_MAX, LogView


def told(number: int, **changes: object) -> LogLine:
    plain = LogLine(at_ns=number, level=Level.INFO, component="orders", event=f"e{number}")
    return replace(plain, **changes)


def events(view: LogView) -> list[str]:
    return [each.line.event for each in view.rows]


def at(view: LogView) -> str:
    assert view.chosen is not None
    return view.chosen.event


def test_at_the_end_it_follows_and_elsewhere_it_stays_on_its_line() -> None:
    view = LogView()
    view.begin([told(1), told(2), told(3)])
    assert at(view) == "e3"
    view.add([told(4)])
    assert at(view) == "e4"
    view.move(-2)
    view.add([told(5)])
    assert at(view) == "e2"
    view.search("e2")
    view.search("")
    assert events(view) == ["e1", "e2", "e3", "e4", "e5"]


def test_what_comes_while_it_is_held_waits_and_is_counted() -> None:
    view = LogView()
    view.begin([told(1)])
    view.hold()
    view.add([told(2), told(3)])
    assert (events(view), view.waiting) == (["e1"], 2)
    view.hold()
    assert (events(view), view.waiting, at(view)) == (["e1", "e2", "e3"], 0, "e3")


def test_lines_are_chosen_by_level_component_and_any_text_of_them() -> None:
    view = LogView()
    view.begin(
        [
            told(1, level=Level.WARNING, correlation="Run-7"),
            told(2, component="engine"),
            told(3, level=Level.CRITICAL, fields=(("reason", "Disk full"),)),
        ]
    )
    view.louder()
    assert events(view) == ["e1", "e3"]
    view.louder()
    assert events(view) == ["e3"]
    view.louder()
    view.next_component(1)
    assert (view.component, events(view)) == ("engine", ["e2"])
    view.next_component(-1)
    for text, found in (("run-7", ["e1"]), ("disk FULL", ["e3"]), ("nowhere", [])):
        view.search(text)
        assert events(view) == found
    assert view.chosen is None
    view.move(1)
    view.search("")
    assert at(view) == "e3"


def test_it_holds_so_many_lines_and_no_more() -> None:
    view = LogView()
    view.begin([told(number) for number in range(KEPT_MAX)])
    view.hold()
    view.add([told(number) for number in range(2 * KEPT_MAX)])
    view.hold()
    assert len(view.rows) == KEPT_MAX
    assert at(view) == f"e{2 * KEPT_MAX - 1}"
