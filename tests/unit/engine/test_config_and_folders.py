from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import FilterSettings, MarketSettings, Settings, load_settings
from engine.errors import ConfigError
from engine.folders import HOME_VARIABLE, standard_folders


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(None) == load_settings(tmp_path / "none.toml") == Settings()


def test_a_setting_is_read_and_the_others_keep_their_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[account]\ncash = "250000.50"\n[desk]\ntheme = "light"\n', encoding="utf-8")
    settings = load_settings(path)
    assert str(settings.account.cash) == "250000.50"
    assert settings.desk.theme == "light"
    assert settings.desk.frames_per_s == Settings().desk.frames_per_s


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[desk\n", "line 1"),
        ("[desk]\ncolour = 1\n", "unknown field"),
        ('[desk]\nframes_per_s = "x"\n', r"desk\.frames_per_s"),
        ("[account]\ncash = []\n", r"account\.cash"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told) as found:
        load_settings(path)
    assert str(path) in str(found.value)


def test_a_file_that_is_not_text_or_not_a_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="expected UTF-8 text"):
        load_settings(path)
    with pytest.raises(ConfigError, match="directory"):
        load_settings(tmp_path)


def test_a_source_may_have_filters_of_its_own() -> None:
    own = FilterSettings(locked=True)
    market = MarketSettings(sources={"oanda": own})
    assert market.filters_of("oanda") is own
    assert market.filters_of("other") is market.filters


def test_one_variable_puts_all_folders_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    folders = standard_folders()
    paths = (
        folders.settings,
        folders.limits,
        folders.keymap,
        folders.themes,
        folders.data,
        folders.cache,
        folders.logs,
    )
    assert all(tmp_path in path.parents for path in paths)
    assert not any(path.exists() for path in paths)


def test_without_it_the_platform_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    assert "touchline" in str(standard_folders().config)
