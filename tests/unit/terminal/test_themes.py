from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigError
from terminal.theming import ROLES, contrast, load_theme, load_themes, luminance
from tests.desk_themes import THEMES

NAMES = sorted(THEMES)
LEAST_ON_PANEL = {
    "text": 7.0,
    "muted": 4.5,
    "faint": 3.0,
    "up": 4.5,
    "down": 4.5,
    "bid": 4.5,
    "ask": 4.5,
    "own": 4.5,
    "accent": 4.5,
    "warn": 4.5,
    "ok": 4.5,
    "breach": 3.0,
}
LEAST_OF_PAIRS = {
    ("text", "bid_bar"): 4.5,
    ("text", "ask_bar"): 4.5,
    ("text", "selected"): 7.0,
    ("muted", "selected"): 3.0,
    ("bid", "selected"): 3.0,
    ("ask", "selected"): 3.0,
    ("up", "flash_up"): 3.0,
    ("down", "flash_down"): 3.0,
    ("down", "flash_up"): 3.0,
    ("up", "flash_down"): 3.0,
    ("muted", "flash_up"): 3.0,
    ("muted", "flash_down"): 3.0,
    ("own", "own_bar"): 4.5,
    ("panel", "up"): 4.5,
    ("panel", "down"): 4.5,
    ("panel", "accent"): 4.5,
    ("panel", "muted"): 4.5,
    ("on_badge", "badge"): 4.5,
    ("on_badge", "sim"): 4.5,
    ("on_badge", "warn"): 4.5,
    ("on_loud", "breach"): 3.0,
    ("on_loud", "live"): 3.0,
}


def test_the_five_kinds_of_theme_are_there() -> None:
    assert {"dark", "light", "high-contrast", "colour-blind", "red-up"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_theme_names_every_role_once(name: str) -> None:
    assert sorted(THEMES[name].roles) == sorted(ROLES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", sorted(LEAST_ON_PANEL))
def test_every_ink_can_be_read_inside_a_pane(name: str, role: str) -> None:
    roles = THEMES[name].roles
    assert contrast(roles[role], roles["panel"]) >= LEAST_ON_PANEL[role]
    assert contrast(roles[role], roles["background"]) >= LEAST_ON_PANEL[role] * 0.9


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("ink", "paper"), sorted(LEAST_OF_PAIRS))
def test_every_ink_can_be_read_on_the_papers_it_meets(name: str, ink: str, paper: str) -> None:
    roles = THEMES[name].roles
    assert contrast(roles[ink], roles[paper]) >= LEAST_OF_PAIRS[ink, paper]


@pytest.mark.parametrize("role", ["text", "muted", "up", "down", "bid", "ask", "own", "accent"])
def test_high_contrast_is_at_least_seven_to_one(role: str) -> None:
    roles = THEMES["high-contrast"].roles
    assert contrast(roles[role], roles["panel"]) >= 7


def test_red_up_swaps_the_colours_of_rise_and_fall_and_their_flashes() -> None:
    dark, red_up = THEMES["dark"].roles, THEMES["red-up"].roles
    assert (red_up["up"], red_up["down"]) == (dark["down"], dark["up"])
    assert (red_up["flash_up"], red_up["flash_down"]) == (dark["flash_down"], dark["flash_up"])


def test_the_colour_blind_theme_tells_up_from_down_by_blue() -> None:
    roles = THEMES["colour-blind"].roles
    assert abs(int(roles["up"][5:], 16) - int(roles["down"][5:], 16)) > 128


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert luminance("#ff0000") == pytest.approx(0.2126)


def test_a_theme_becomes_css_variables() -> None:
    theme = THEMES["light"].textual()
    assert theme.dark is False
    assert theme.variables["desk-flash-up"] == THEMES["light"].roles["flash_up"]


@pytest.mark.parametrize(
    ("find", "put", "said"),
    [
        ('up = "#2fd1a5"', 'up = "green"', "role up: expected a colour as #rrggbb, found 'green'"),
        ('up = "#2fd1a5"', "", "role up: expected a colour as #rrggbb, found None"),
        ('up = "#2fd1a5"', 'up = "#2fd1a5"\nmauve = "#aa00aa"', "unknown roles: mauve"),
        ("[roles]", "[colours]", r"expected a \[roles\] table"),
    ],
)
def test_a_wrong_theme_is_refused_with_what_is_wrong(tmp_path: Path, find: str, put: str, said: str) -> None:
    original = (Path(__file__).parents[3] / "themes" / "dark.toml").read_text()
    assert find in original
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(original.replace(find, put))
    with pytest.raises(ConfigError, match=said):
        load_theme(wrong)


def test_a_users_theme_of_the_same_name_wins(tmp_path: Path) -> None:
    original = (Path(__file__).parents[3] / "themes" / "dark.toml").read_text()
    (tmp_path / "mine.toml").write_text(original.replace("#2fd1a5", "#00ff00"))
    assert load_themes(tmp_path)["dark"].roles["up"] == "#00ff00"
