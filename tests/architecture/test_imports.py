from __future__ import annotations

import subprocess
import sys

from tests.architecture.sources import ROOT

HEAVY = (
    "numpy",
    "pyarrow",
    "pandas",
    "exchange_calendars",
    "prometheus_client",
    "structlog",
    "httpx",
    "h11",
    "redis",
    "jwt",
    "cryptography",
    "bcrypt",
    "opentelemetry",
    "requests",
)


def imported_by(statement: str) -> set[str]:
    """Return the top-level packages that a statement loads in a fresh interpreter."""
    script = (
        f"{statement}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_the_contracts_between_rooms_are_kept() -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_the_engine_loads_no_screen() -> None:
    assert not {"textual", "rich"} & imported_by("import engine.bootstrap")


def test_the_first_paint_loads_nothing_heavy() -> None:
    loaded = imported_by("import terminal.app, engine.bootstrap")
    assert "textual" in loaded
    assert not loaded & set(HEAVY)


def test_the_whole_desk_loads_no_parser_of_installed_packages() -> None:
    loaded = imported_by(
        "import terminal.app, terminal.screens.trade, engine.bootstrap, engine.adapters.simulated.market"
    )
    assert "textual" in loaded
    assert not loaded & {"email", "zipfile", "csv"}, "importlib.metadata was loaded"


def test_help_loads_neither_the_screen_nor_the_engine_rooms() -> None:
    loaded = imported_by("from terminal.cli import build_parser; build_parser().format_help()")
    assert not loaded & {"textual", "rich", *HEAVY}


def test_the_desk_loads_no_command_of_the_shell() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import terminal.commands, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "terminal.commands" in loaded
    assert not [name for name in loaded if name.startswith("terminal.") and name.endswith("_commands")]
