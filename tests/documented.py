"""What the pages under `docs/` and the README must say, made from the tables that run the program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from terminal.actions.action import GLOBAL, Action
from terminal.actions.table import ACTIONS, TITLES
from terminal.key_names import shown
from terminal.orderline.manual import MANUAL

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """Return the text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return [body for named, body in _FENCE.findall(text) if named == language]


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text)


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its rank or above."""
    rank = len(heading) - len(heading.lstrip("#"))
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"there is no heading {heading!r}"
    return re.split(rf"\n#{{1,{rank}}} ", rest, maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a text's table rows, headers and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    rules = [index for index, line in enumerate(cells) if set("".join(line)) <= set("-|:")]
    heads = {index - 1 for index in rules} | set(rules)
    return [line for index, line in enumerate(cells) if index not in heads]


def code(cell: str) -> str:
    """Return a cell's text without the marks of code."""
    return cell.strip("`")


def table(header: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Return a table as these pages write it."""
    head = list(header)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, *lines)).replace(
        "\n", f"\n|{'---|' * len(head)}\n", 1
    )


def keys_table(context: str) -> str:
    """Return the table of the keys of one context."""
    actions = (action for action in ACTIONS if action.context == context)
    return table(
        ("key", "what it does", "id"), ([_keys(action), action.help, f"`{action.id}`"] for action in actions)
    )


def keys_tables() -> Iterator[tuple[str, str]]:
    """Return every context's heading and table."""
    for context in dict.fromkeys(action.context for action in ACTIONS):
        yield TITLES[context], keys_table(context)


def first_keys_table() -> str:
    """Return the table of the keys to begin with: those hinted at everywhere, and those that always work."""
    chosen = [action for action in ACTIONS if action.context == GLOBAL and (action.hint or action.always)]
    return table(("key", "what it does"), ([_keys(action), action.help] for action in chosen))


def manual_tables() -> Iterator[tuple[str, str]]:
    """Return the order line's headings and tables."""
    for heading, lines in MANUAL:
        yield heading, table(("line", "meaning"), ((f"`{line}`", meaning) for line, meaning in lines))


def _keys(action: Action) -> str:
    return " ".join(f"`{shown(key)}`" for key in action.keys.split(","))
