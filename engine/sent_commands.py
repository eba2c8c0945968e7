"""Carries out commands that come with their own operator, and tells what became of each."""

from __future__ import annotations

from collections.abc import Callable

from engine.duties.permission import NotAllowed
from engine.duties.proofs import ProofWanted
from engine.errors import EngineError
from engine.messages.commands import AmendOrder, Command, SubmitOrder
from engine.messages.events import AlertRaised, AmendDenied, Denial, OrderDenied, Severity
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.rooms import Rooms

Tell = Callable[[CommandAnswer], None]


class SentCommands:
    """Belongs to the engine's thread."""

    def __init__(self, rooms: Rooms, handle: Callable[[Command], None]) -> None:
        """Take what carries a command out, and looks at who says it in the rooms."""
        self._rooms = rooms
        self._handle = handle
        self._about = ""
        """The order that a command is about which is carried out now."""
        self._denials: tuple[Denial, ...] = ()
        rooms.bus.subscribe(OrderDenied, self._denied)
        rooms.bus.subscribe(AmendDenied, self._amend_denied)

    def carry_out(self, command: Command, sender: Sender, tell: Tell) -> None:
        """Carry one out in the name of its sender, and tell what became of it; a person at the desk hears of a refusal."""
        self._about, self._denials = _order_of(command), ()
        self._rooms.sender = sender
        try:
            self._handle(command)
        except NotAllowed as error:
            answer = CommandAnswer(Verdict.NOT_ALLOWED, str(error))
        except ProofWanted as error:
            answer = CommandAnswer(Verdict.PROOF_WANTED, str(error))
        except EngineError as error:
            answer = CommandAnswer(Verdict.REFUSED, str(error))
        except Exception as error:  # noqa: BLE001  # a command's fault must not end the loop
            self._say(Severity.CRITICAL, f"{type(command).__name__} failed: {type(error).__name__}: {error}")
            answer = CommandAnswer(Verdict.REFUSED, "it failed here; a person at the desk can see why")
        else:
            answer = CommandAnswer(Verdict.DONE, denials=self._denials)
        finally:
            self._rooms.sender, self._about = None, ""
        if answer.verdict in {Verdict.REFUSED, Verdict.NOT_ALLOWED}:
            self._say(Severity.WARNING, answer.text)
        tell(answer)

    def _denied(self, event: OrderDenied) -> None:
        if event.request.client_id == self._about:
            self._denials = event.denials

    def _amend_denied(self, event: AmendDenied) -> None:
        if event.client_id == self._about:
            self._denials = event.denials

    def _say(self, severity: Severity, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, "gateway", text, now_ns))


def _order_of(command: Command) -> str:
    if isinstance(command, SubmitOrder):
        return command.request.client_id
    return command.client_id if isinstance(command, AmendOrder) else ""
