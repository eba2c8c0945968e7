"""Every command of the README and of `docs/` is run; every link, setting, key and name in them exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from terminal.cli import FAMILIES
from tests.documented import PAGES, ROOT, blocks, prose
from tests.pty_desk import PtyDesk, environment
from tests.recordings import write_quotes

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NO_DESK = re.compile(
    r"--headless|--help|--print-completion|--version|touchline (?:picture|preflight|venues|retention|rollback|migrate|data|features|models|alerts check|alerts prometheus)\b"
)
QUIT = "\x11"


def commands() -> list[str]:
    """Return every line of every shell block, once."""
    lines = (
        line
        for page in PAGES
        for block in blocks(page.read_text(encoding="utf-8"), "sh")
        for line in block.splitlines()
    )
    return list(dict.fromkeys(line for line in lines if line.strip()))


MADE = [line for line in commands() if line.split()[0] == "make"]
RUNBOOKS = [
    line
    for file in sorted((ROOT / "docs" / "runbooks").glob("*.md"))
    for block in blocks(file.read_text(encoding="utf-8"), "sh")
    for line in block.splitlines()
]
"""`test_key_commands.py` runs them one after the other."""
DEPLOYMENT = [
    line
    for block in blocks((ROOT / "docs" / "deployment.md").read_text(encoding="utf-8"), "sh")
    for line in block.splitlines()
]
"""`test_deployment_page.py` runs them one after the other."""
BACKUPS = [
    line
    for line in commands()
    if re.match(r"touchline (?:backup|restore|drill)\b", line) and line not in (*RUNBOOKS, *DEPLOYMENT)
]
CREDENTIALS = [line for line in commands() if line.startswith("touchline credentials ")]
"""`test_credential_commands.py` runs them one after the other."""
OUTSIDE = [
    line
    for line in commands()
    if re.match(rf"touchline (?:history|logs|report|{'|'.join(FAMILIES['control_arguments'])})\b", line)
]
"""What is said to a desk that runs, or asked about its account, in the order of the pages."""
SUPPORT = [line for line in commands() if re.match(r"touchline support-bundle\b", line)]
"""`test_support_bundle.py` runs them one after the other."""
ADAPTERS = [line for line in commands() if line.startswith("python -m ")]
"""`test_adapter_example.py` runs them one after the other."""
GATEWAY = [
    line
    for block in blocks((ROOT / "docs" / "gateway.md").read_text(encoding="utf-8"), "sh")
    for line in block.splitlines()
]
"""`test_gateway_page.py` runs them one after the other."""
MONITORING = [line for line in commands() if line.split()[0] in {"promtool", "amtool"}]
"""`test_prometheus_files.py` runs them."""
ELSEWHERE = {*RUNBOOKS, *BACKUPS, *CREDENTIALS, *OUTSIDE, *SUPPORT, *ADAPTERS, *GATEWAY, *DEPLOYMENT}
TOUCHLINE = [line for line in commands() if "touchline" in line.split() and line not in ELSEWHERE]
DESK = [line for line in TOUCHLINE if not NO_DESK.search(line)]
HEADLESS = [line for line in TOUCHLINE if NO_DESK.search(line)]
INSTALL = "pipx install ."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with the command, the recordings that the pages speak of, and `docs`."""
    command = tmp_path / "bin" / "touchline"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m terminal "$@"\n')
    command.chmod(0o755)
    for number, name in enumerate(("quotes", "trades")):
        write_quotes(tmp_path / f"{name}.parquet", symbol=("BTCUSDT", "ETHUSDT")[number])
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    return tmp_path


def surroundings(place: Path) -> dict[str, str]:
    return environment(place / "home", PATH=f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_every_command_is_of_a_kind_that_a_test_tries() -> None:
    assert sorted(commands()) == sorted(
        [
            *MADE,
            *DESK,
            *HEADLESS,
            *OUTSIDE,
            *BACKUPS,
            *CREDENTIALS,
            *SUPPORT,
            *ADAPTERS,
            *GATEWAY,
            *DEPLOYMENT,
            *MONITORING,
            *dict.fromkeys(RUNBOOKS),
            INSTALL,
        ]
    )
    assert MADE
    assert DESK
    assert HEADLESS
    assert OUTSIDE


def test_the_commands_about_backups_are_those_of_their_page() -> None:
    """`test_backup_commands.py` runs them one after the other."""
    told = "".join(blocks((ROOT / "docs" / "backups.md").read_text(encoding="utf-8"), "sh"))
    assert set(BACKUPS) <= set(told.splitlines())


@pytest.mark.parametrize("line", MADE)
def test_make_knows_the_target(line: str) -> None:
    done = subprocess.run([*line.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert line.split()[1] in re.findall(r"^[\w-]+", listed, re.MULTILINE)


def test_an_install_brings_the_command() -> None:
    """What pipx would link is there: the entry point's module and function, and the files the wheel names."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^touchline = "([\w.]+):(\w+)"$', text, re.MULTILINE)
    assert found is not None
    module = import_module(found[1])
    assert callable(getattr(module, found[2]))
    assert (ROOT / "themes" / "dark.toml").exists()


@pytest.mark.parametrize("line", HEADLESS)
def test_a_command_without_a_desk_does_what_the_page_says(line: str, place: Path) -> None:
    done = said(place, line)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    drawn = re.search(r"\S+\.svg", line)
    told = (place / drawn[0]).read_text(encoding="utf-8") if drawn else done.stdout
    assert told
    assert "NVDA" in told or not drawn


@pytest.mark.pty
@pytest.mark.parametrize("line", DESK)
def test_a_command_with_a_desk_opens_it(line: str, place: Path) -> None:
    script = f'cd "{place}" && {line}'
    with PtyDesk(["-c", script], surroundings(place), program=("sh",)) as desk:
        desk.until("1 Quotes")
        desk.press_until(QUIT, lambda: b"\x1b[?1049l" in desk.raw)
        assert desk.exit_code() == 0


@pytest.mark.pty
def test_a_command_from_another_shell_is_obeyed_and_proven(place: Path) -> None:
    script = f'umask 000 && cd "{place}" && touchline'
    with PtyDesk(["-c", script], surroundings(place), program=("sh",)) as desk:
        desk.until("1 Quotes")
        desk.until(lambda: said(place, "touchline status").returncode == 0)
        desk.until(lambda: list((place / "home" / "data").glob("*.sqlite3")))
        desk.until(lambda: list((place / "home" / "logs").glob("*.log")))
        for line in OUTSIDE:
            done = said(place, line)
            assert (done.returncode, done.stderr) == (0, ""), line
            assert done.stdout
        made = list((place / "home").rglob("*"))
    assert {"sim", "sim.sqlite3", "control.sock", "audit.log"} <= {path.name for path in made}
    assert not [path for path in made if path.exists() and path.stat().st_mode & 0o077], "open to others"


def said(place: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Say a line in another shell."""
    return subprocess.run(
        ["sh", "-c", line],
        cwd=place,
        env=surroundings(place),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(prose(page.read_text(encoding="utf-8"))) if not leads(page, link)]
    assert not broken


def leads(page: Path, link: str) -> bool:
    """Whether a link is to another place, or to a file of the checkout and a heading in it."""
    if link.startswith("https://"):
        return True
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in set(anchors(target)))


def anchors(page: Path) -> Iterator[str]:
    """Yield the anchors that a page's headings get."""
    for heading in re.findall(r"^#+ (.+)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
