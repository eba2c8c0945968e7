"""Carries out commands that come with their own operator, and tells what became of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.duties.permission import NotAllowed
from engine.duties.proofs import ProofWanted
from engine.errors import EngineError
from engine.latches import Latches
from engine.messages.commands import AmendOrder, Command, SetTradingState, SubmitOrder
from engine.messages.events import AlertRaised, AmendDenied, Denial, OrderDenied, Severity
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.rooms import Rooms
from engine.security.operators.roles import may_as

Tell = Callable[[CommandAnswer], None]


class SentCommands:
    """Belongs to the engine's thread, but for what takes a command."""

    def __init__(
        self,
        rooms: Rooms,
        handle: Callable[[Command], None],
        latches: Latches,
        call: Callable[..., None],
    ) -> None:
        """Take what carries a command out, and looks at who says it in the rooms; and what puts a call on the engine's loop."""
        self._rooms = rooms
        self._handle = handle
        self._latches = latches
        self._call = call
        self._about = ""
        """The order that a command is about which is carried out now."""
        self._denials: tuple[Denial, ...] = ()
        rooms.bus.subscribe(OrderDenied, self._denied)
        rooms.bus.subscribe(AmendDenied, self._amend_denied)

    def take(self, command: Command, sender: Sender, tell: Tell) -> bool:
        """Have a command carried out on the engine's loop; callable from any thread.

        Return whether it holds already: a stricter trading state does at once, where its sender may say it.
        """
        hand_on = partial(self._call, self.carry_out, command, sender, tell)
        if not (isinstance(command, SetTradingState) and may_as(sender.role, command)):
            hand_on()
            return False
        correlation = sender.correlation or self._rooms.ids.command()
        if self._latches.latch_firm(command, correlation, sender.name):
            self._call(tell, CommandAnswer(Verdict.DONE))
            return True
        return self._latches.latch(command, hand_on)

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
            self._say(
                Severity.CRITICAL, sender, f"{type(command).__name__} failed: {type(error).__name__}: {error}"
            )
            answer = CommandAnswer(Verdict.REFUSED, "it failed here; a person at the desk can see why")
        else:
            answer = CommandAnswer(Verdict.DONE, denials=self._denials)
        finally:
            self._rooms.sender, self._about = None, ""
        if answer.verdict in {Verdict.REFUSED, Verdict.NOT_ALLOWED}:
            self._say(Severity.WARNING, sender, answer.text)
        tell(answer)

    def _denied(self, event: OrderDenied) -> None:
        if event.request.client_id == self._about:
            self._denials = event.denials

    def _amend_denied(self, event: AmendDenied) -> None:
        if event.client_id == self._about:
            self._denials = event.denials

    def _say(self, severity: Severity, sender: Sender, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, sender.origin, text, now_ns))


def _order_of(command: Command) -> str:
    if isinstance(command, SubmitOrder):
        return command.request.client_id
    return command.client_id if isinstance(command, AmendOrder) else ""
