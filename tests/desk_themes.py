"""The themes that come with the desk, for tests."""

from __future__ import annotations

from terminal.theming import load_themes

THEMES = load_themes()
THEME = THEMES["dark"]
