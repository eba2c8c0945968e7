"""Themes: one TOML file each, colours by role, checked when they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from textual.theme import Theme

from engine.errors import ConfigError
from engine.toml_files import read_toml

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

ROLES = (
    "background",
    "panel",
    "line",
    "selected",
    "text",
    "muted",
    "faint",
    "up",
    "down",
    "flash_up",
    "flash_down",
    "bid",
    "ask",
    "bid_bar",
    "ask_bar",
    "own",
    "own_bar",
    "accent",
    "warn",
    "breach",
    "on_loud",
    "badge",
    "on_badge",
    "sim",
    "live",
    "ok",
)


@dataclass(frozen=True, slots=True)
class DeskTheme:
    """One theme's colours by role."""

    name: str
    dark: bool
    roles: dict[str, str]

    def textual(self) -> Theme:
        """Return it as Textual's own theme; every role is also a CSS variable, `$desk-up`."""
        roles = self.roles
        return Theme(
            name=self.name,
            dark=self.dark,
            primary=roles["accent"],
            secondary=roles["bid"],
            accent=roles["accent"],
            foreground=roles["text"],
            background=roles["background"],
            surface=roles["panel"],
            panel=roles["panel"],
            success=roles["up"],
            warning=roles["warn"],
            error=roles["breach"],
            variables=self.variables,
        )

    @property
    def variables(self) -> dict[str, str]:
        """Every role as a CSS variable: `up` is `$desk-up`."""
        return {f"desk-{name.replace('_', '-')}": colour for name, colour in self.roles.items()}


def load_theme(path: Path) -> DeskTheme:
    """Read one theme.

    Raises:
        ConfigError: the file is not TOML, or a role is missing, unknown, or not a #rrggbb colour.
    """
    values = read_toml(path)
    roles = values.get("roles")
    if not isinstance(roles, dict):
        raise ConfigError(f"{path}: expected a [roles] table")
    for role in ROLES:
        colour = roles.get(role)
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
            raise ConfigError(f"{path}: role {role}: expected a colour as #rrggbb, found {colour!r}")
    if unknown := sorted(set(roles) - set(ROLES)):
        raise ConfigError(f"{path}: unknown roles: {', '.join(unknown)}")
    return DeskTheme(str(values.get("name", path.stem)), bool(values.get("dark", True)), dict(roles))


def theme_folders(user_folder: Path | None = None) -> list[Path]:
    """Return where themes are looked for: installed, beside the checkout, the user's own."""
    here = Path(__file__).resolve().parent
    folders = [here / "themes", here.parent / "themes"]
    if user_folder is not None:
        folders.append(user_folder)
    return [folder for folder in folders if folder.is_dir()]


def load_themes(user_folder: Path | None = None) -> dict[str, DeskTheme]:
    """Read every theme; a user's theme of the same name wins.

    Raises:
        ConfigError: as for `load_theme`.
    """
    themes = [
        load_theme(path) for folder in theme_folders(user_folder) for path in sorted(folder.glob("*.toml"))
    ]
    return {theme.name: theme for theme in themes}


def luminance(colour: str) -> float:
    """Return a colour's relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (byte / 255 for byte in bytes.fromhex(colour[1:]))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
