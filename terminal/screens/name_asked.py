"""A name that a person types before something is armed; the engine says whether that was it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from terminal.screens.once import LeftOnce

LOOK_S = 0.1
NAME_MAX = 64


class NameAsked(LeftOnce[None], ModalScreen[None]):
    """Stays until it is armed or the person leaves; a refusal is told, and the name may be typed anew."""

    asks: ClassVar[bool] = True

    DEFAULT_CSS: ClassVar[str] = """
    NameAsked { align: center middle; background: transparent; }
    NameAsked > Vertical {
        width: 90%; max-width: 72; height: auto; border-title-style: bold;
        border-subtitle-color: $desk-muted; background: $desk-panel; padding: 1 2;
    }
    NameAsked Static { color: $desk-text; }
    NameAsked Input, NameAsked Input:focus {
        border: none; height: 1; margin: 1 0; padding: 0 1; background: $desk-selected; color: $desk-text;
    }
    NameAsked #arming-answer { color: $desk-warn; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave", show=False)]

    def __init__(self, title: str, meaning: Content, whose: str) -> None:
        """Take what stands above, what it means to arm, and whose name is asked for."""
        super().__init__()
        self._titled, self._meaning, self._whose = title, meaning, whose

    def compose(self) -> ComposeResult:
        """What it means, the name, and what came of it."""
        with Vertical() as panel:
            panel.border_title = Content(self._titled)
            panel.border_subtitle = "⏎ arms · esc leaves"
            yield Static(self._meaning)
            yield Input(max_length=NAME_MAX, placeholder=f"the {self._whose}'s name", id="arming-name")
            yield Static(id="arming-answer")

    def on_mount(self) -> None:
        """Be ready to be typed into, and follow what the engine says."""
        self.query_one(Input).focus()
        self.set_interval(LOOK_S, self.look)

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        message.stop()
        self.arm(message.value)

    def arm(self, name: str) -> None:
        """Ask the engine to arm it by this name."""
        raise NotImplementedError

    def look(self) -> None:
        """See what the engine said: leave, or tell of the refusal."""
        raise NotImplementedError

    def refuse(self, why: str) -> None:
        """Say why it is not armed, and let the name be typed anew."""
        self.query_one(Input).value = ""
        self.query_one("#arming-answer", Static).update(Content(why))
