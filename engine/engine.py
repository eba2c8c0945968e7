"""The engine: runs the rooms on its own loop, takes commands, hands out frames."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec.structs import replace

from engine.control.address import control_path
from engine.control.engine_controls import EngineControls
from engine.control.server import ControlServer
from engine.duties.alert_watch import AlertWatch
from engine.duties.alerting import Alerting
from engine.duties.auditing import Auditing
from engine.duties.dead_man import DeadMan
from engine.duties.desk_lock import DeskLock, Judge
from engine.duties.halt_notes import HaltNotes
from engine.duties.keeper import keeper_of
from engine.duties.leaving import Leaving
from engine.duties.named_proofs import NamedJudge, NamedProofs
from engine.duties.operator_watch import OperatorWatch
from engine.errors import EngineError
from engine.face import OnFailure
from engine.frames.following import Following
from engine.frames.frame_builder import FrameBuilder
from engine.frames.patient_frames import PatientFrames
from engine.handlers import Handlers
from engine.ids import OrderIds
from engine.latches import Latches
from engine.messages.commands import Command, Prove
from engine.messages.events import AlertRaised, Severity
from engine.messages.rows import ReadMetrics, RowReading
from engine.messages.senders import CommandAnswer, Sender
from engine.messages.views import Alert, Frame, OrderPreview, ViewRequest
from engine.model.account import AccountMode
from engine.model.order import OrderRequest
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.observe.health import Reading
from engine.ports.tracing import Tracer
from engine.readings.observation import Observation
from engine.rooms import Rooms
from engine.security.operators.sign_in import SignedIn
from engine.sent_commands import SentCommands
from engine.sharing import sharing_of
from engine.thread import LoopThread
from engine.upkeep import Upkeep

KEEP_AFTER_S = 1.5
_LET_GO_S = 30.0
"""How long what follows an end that was asked for may take."""


class Engine:
    """What the terminal holds of the engine; every method may be called from any thread."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._thread = LoopThread("touchline-engine")
        self._frames = FrameBuilder(rooms)
        self._patient = PatientFrames(
            self._frames, rooms.clock.monotonic_ns, rooms.settings.safety.dead_man_s
        )
        self._keeper = keeper_of(rooms)
        self._ends, self._stopping = threading.Event(), threading.Lock()
        self._leaving = Leaving(rooms)
        self._dead_man = DeadMan(rooms)
        self._handlers = Handlers(rooms, self._leaving)
        self._lock = DeskLock(rooms, self._thread.call, self._handlers.catch.disarm, self._carry_out)
        self._handlers.desk_lock = self._lock
        call = self._thread.call
        latches = Latches(rooms.halts, rooms.firm, rooms.account_clock, rooms.bus, call)
        self._sent = SentCommands(rooms, self._handlers.handle, latches, call)
        self._named = NamedProofs(rooms, call, self._sent.carry_out)
        self._handlers.named_proofs = self._named
        self._observation = Observation(rooms, self._frames)
        self._auditing = Auditing(rooms)
        self._operators = OperatorWatch(rooms, self._thread.call, self._lock.follow)
        self._to_tell = list[tuple[str, str]]()
        self.tells("journal", rooms.journal.migrated)
        self._alerting = Alerting(rooms, self._observation)
        self._alert_watch = AlertWatch(rooms, self._alerting)
        rooms.health.register("alerts", "alerts", self._alert_watch.reading, needs=("loop_lag",))
        if (messenger := rooms.messenger) is not None:
            rooms.health.register("alert_webhook", "alert webhook", lambda: Reading(*messenger.reading()))
        rooms.health.register("sign_in", "sign-in", self._operators.reading)
        self._upkeep = Upkeep(rooms, self._handlers, answer=self._patient.look, look=self._look)
        controls = EngineControls(rooms, latches, submit=self.submit, call=call)
        self._control = ControlServer(control_path(rooms.folders.data), controls, rooms.clock)
        rooms.firm.call = call
        self._sharing = sharing_of(rooms)
        rooms.bus.subscribe(AlertRaised, self._keep_alert)
        rooms.market.listen(on_status=HaltNotes(rooms).note)
        release = rooms.orders.dispatch.on_durable
        rooms.journal.on_durable(lambda sequence: self._thread.call(release, sequence))

    def acts_for(self, who: SignedIn, judge: Judge) -> None:
        """Carry out only what an operator's role may say; to be told before the start."""
        self._lock.acts_for(who, judge)

    def tells(self, source: str, text: str) -> None:
        """Let a person hear once of what was done before the start; to be told before it. Empty for nothing."""
        if text:
            self._to_tell.append((source, text))

    def asks_for_names(self, judge: NamedJudge) -> None:
        """Let what loosens take the proof of any operator, since none signs in; to be told before the start."""
        self._named.begin(judge)

    @property
    def ids(self) -> OrderIds:
        """Where client order ids come from."""
        return self._rooms.ids

    @property
    def account_name(self) -> str:
        """The account that orders are for."""
        return self._rooms.account.name

    @property
    def mode(self) -> AccountMode:
        """What an order costs if it is wrong."""
        return self._rooms.account.mode

    @property
    def looked_ns(self) -> int:
        """When it last looked at itself, which it does once a second, by its own steady clock; 0 before."""
        return self._observation.measured_ns

    @property
    def tracer(self) -> Tracer:
        """What takes the spans of whatever runs beside."""
        return self._rooms.tracer

    def start(self, on_failure: OnFailure | None = None) -> None:  # noqa: ARG002  # what could fail is done
        """Start the loop in its thread."""
        self._thread.start(self._run)
        if self._sharing is not None:
            self._sharing.start()
        if self._rooms.messenger is not None:
            self._rooms.messenger.start()
        try:
            self._control.open()
        except EngineError as error:  # trading goes on; who can't be reached from outside says so
            self._thread.call(self._alert, "control", str(error), Severity.WARNING)

    def end(self, reason: str) -> None:
        """End in order, since nobody is there any more: with a dead man, what it cancels is proven gone first."""
        self._ends.set()
        self._thread.call(self._end, reason)

    def stop(self) -> int:
        """Stop every component and wait for the thread, and for an end that was asked for.

        Returns how much of what was to be done at the end is not proven.
        """
        if self._ends.is_set():
            self._thread.wait(self._rooms.settings.safety.end_within_s + _LET_GO_S)
        with self._stopping:
            self._control.close()
            self._thread.stop()
            if self._sharing is not None:
                self._sharing.look()
                self._sharing.stop()
            if self._rooms.messenger is not None:
                self._rooms.messenger.stop()
        return self._leaving.unproven

    def submit(self, command: Command, pressed_ns: int = 0) -> None:
        """Carry out a command soon; `pressed_ns` is the steady time of the key that asked for it."""
        call = self._thread.call_first if pressed_ns else self._thread.call
        call(self._handle, command, pressed_ns)

    def carry_out(self, command: Command, sender: Sender, tell: Callable[[CommandAnswer], None]) -> bool:
        """Carry out a command of an operator who is not at the desk; `tell` is called on the engine's thread.

        Return whether it holds already: a stricter trading state does at once.
        """
        return self._sent.take(command, sender, tell)

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Make the screen's next frame and hand it to `deliver`, which is called on the engine's thread."""
        self._thread.call(self._drain, request, deliver)

    def follow(self) -> Following:
        """Return what tells one more who follows; only the screen is somebody at the desk."""
        return Following(self._rooms, self._thread.call)

    def preview(self, request: OrderRequest, deliver: Callable[[OrderPreview], None]) -> None:
        """Judge an order without sending it; `deliver` is called on the engine's thread."""
        self._thread.call(self._preview, request, deliver)

    def note_paint(self, key_to_paint_ns: int) -> None:
        """Count how long a key took until its effect was painted: somebody is at the desk."""
        self._thread.call(self._note_key, key_to_paint_ns)

    def note_shown(self, source_ns: int) -> None:
        """Count how long a quote took from its source, which had it at `source_ns`, to the screen."""
        self._thread.call(self._note_shown, source_ns)

    def add_row(self, name: str, label: str, read: Callable[[], RowReading]) -> None:
        """Have a row on the health board for what runs beside; `read` is called on the engine's thread, and is quick."""
        self._thread.call(self._rooms.health.register, name, label, lambda: Reading(*read()))

    def add_metrics(self, read: ReadMetrics) -> None:
        """Have the exporter serve metrics of what runs beside; each is read on the engine's thread, and is quick."""
        self._thread.call(self._rooms.beside.update, read)

    def alert(self, severity: Severity, source: str, text: str) -> None:
        """Let a person hear of something beside the engine."""
        self._thread.call(self._alert, source, text, severity)

    async def _run(self) -> None:
        rooms = self._rooms
        self._observation.begin()
        if (keeper := self._keeper) is not None:
            rooms.health.register(
                "projection",
                "projection",
                lambda: keeper.reading(rooms.journal.sequence),
                needs=("journal", "disk"),
            )
            keeper.alarm = lambda text: self._thread.call(self._alert, "journal", text)
        rooms.orders.begin(had_history=bool(rooms.recovered.records))
        for source, text in self._to_tell:
            self._alert(source, text, Severity.INFO)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._supervise("market data", rooms.source.run(rooms.market)))
                group.create_task(self._supervise("alerts", self._alerting.run()))
                group.create_task(self._supervise("observation", self._observation.run()))
                group.create_task(self._keep())
                group.create_task(self._leave())
                for name, service in rooms.services:
                    group.create_task(self._supervise(name, service()))
                for name, work in self._upkeep.tasks():
                    group.create_task(self._supervise(name, work))
        finally:
            self._leaving.finish()
            rooms.journal.close()
            self._auditing.close()
            if self._keeper is not None:
                self._keeper.stop()
            self._observation.end()

    async def _keep(self) -> None:
        """Have what is derived from the journal kept, once the start is over."""
        if self._keeper is not None:
            await asyncio.sleep(KEEP_AFTER_S)
            self._keeper.start()

    async def _leave(self) -> None:
        """Go on until nobody is there any more, and then until that end is in order."""
        await self._leaving.until_over()
        self._thread.cancel()

    async def _supervise(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run one component to its end; say so when it fails, and leave the others running."""
        try:
            await work
        except EngineError as error:
            self._alert(name, str(error))
        except Exception as error:  # noqa: BLE001  # the one place where a component's fault ends
            self._alert(name, f"stopped by a fault: {type(error).__name__}: {error}")

    def _handle(self, command: Command, pressed_ns: int) -> None:
        self._try(self._handlers.handle, command)
        if pressed_ns:
            self._rooms.latencies.key_to_wire.record(self._rooms.clock.monotonic_ns() - pressed_ns)

    def _carry_out(self, proven: Prove) -> None:
        self._try(self._handlers.carry_out, proven)

    def _try(self, handle: Callable[[Any], None], command: Command) -> None:
        try:
            handle(command)
        except EngineError as error:
            self._alert("engine", str(error), Severity.WARNING)
        except Exception as error:  # noqa: BLE001  # a command's fault must not end the loop
            self._alert("engine", f"{type(command).__name__} failed: {type(error).__name__}: {error}")

    def _end(self, reason: str) -> None:
        self._leaving.end(reason)
        self._dead_man.let_go()

    def _look(self) -> None:
        self._rooms.orders.scribe.catch_up()
        self._rooms.orders.dispatch.give_up()
        self._rooms.orders.exits.give_up()
        self._dead_man.look()
        self._handlers.catch.look()
        self._lock.look()
        self._rooms.firm.judge()
        if self._sharing is not None:
            self._sharing.look()
        self._operators.look()
        self._auditing.look()
        self._alert_watch.look()
        self._observation.look()

    def _note_key(self, key_to_paint_ns: int) -> None:
        self._handlers.catch.seen()
        self._lock.seen()
        self._rooms.latencies.key_to_paint.record(key_to_paint_ns)

    def _note_shown(self, source_ns: int) -> None:
        took_ns = self._rooms.clock.now_ns() - source_ns
        self._rooms.latencies.source_to_screen.record(max(0, took_ns))

    def _drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        self._dead_man.seen()
        if request.everything:
            self._handlers.catch.seen()
            self._lock.seen()
        self._patient.ask(request, deliver)

    def _preview(self, request: OrderRequest, deliver: Callable[[OrderPreview], None]) -> None:
        preview, denials = self._rooms.gate.preview(request), self._rooms.orders.dispatch.denied()
        deliver(replace(preview, denials=(*preview.denials, *denials)) if denials else preview)

    def _alert(self, source: str, text: str, severity: Severity = Severity.CRITICAL) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, source, clean(text, ALERT_LENGTH_MAX), now_ns))

    def _keep_alert(self, event: AlertRaised) -> None:
        self._rooms.changes.tell(Alert(event.severity, event.source, event.text, event.event_ns))
