"""The control socket belongs to its owner, hears everyone in turn, and waits for nobody."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.control.address import PATH_BYTES_MAX, control_path
from engine.control.client import NoDeskError, SilentDeskError, ask
from engine.control.listener import Listener
from engine.control.peer import Peer, is_trusted
from engine.control.reception import CONNECTIONS_MAX, WAITING_MAX
from engine.control.requests import LINE_BYTES_MAX, Answer, CancelOrders, Code, TellStatus, written
from engine.control.server import ControlServer
from engine.errors import DataError, EngineError
from engine.messages.commands import CancelAll, SetTradingState, TradingState
from engine.model.order import OrderStatus
from tests.engine_rooms import buying
from tests.unit.engine.control_bench import HALT, RESUME, ControlBench, control_bench, heard
from tests.waiting import wait_until

STRANGER = 65_534


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ControlBench]:
    with control_bench(tmp_path) as made:
        yield made


def another_server(bench: ControlBench) -> ControlServer:
    return ControlServer(bench.server.path, bench.controls, bench.rooms.clock)


def test_the_socket_is_its_owners_alone(bench: ControlBench) -> None:
    assert stat.S_IMODE(bench.server.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(bench.server.path.parent.stat().st_mode) == 0o700


def test_a_second_desk_is_refused_and_told_of_the_first(bench: ControlBench) -> None:
    with pytest.raises(EngineError, match=rf"another desk \(process {os.getpid()}\) listens"):
        another_server(bench).open()
    assert bench.ask(TellStatus()).code is Code.PROVEN


def test_what_a_dead_desk_left_is_replaced(bench: ControlBench) -> None:
    bench.server.close()
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(bench.server.path))
    dead.close()
    with pytest.raises(NoDeskError):
        bench.ask(TellStatus())
    again = another_server(bench)
    again.open()
    assert bench.ask(TellStatus()).code is Code.PROVEN
    again.close()
    assert not bench.server.path.exists()


def test_a_desk_that_was_killed_leaves_its_place_to_the_next(tmp_path: Path) -> None:
    path = control_path(tmp_path / "d")
    script = (
        "import sys; from pathlib import Path; from engine.control.listener import Listener; "
        "held = Listener.open(Path(sys.argv[1])); print('listens', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as desk:
        assert desk.stdout is not None
        assert desk.stdout.readline() == "listens\n"
        with pytest.raises(EngineError, match=rf"another desk \(process {desk.pid}\)"):
            Listener.open(path)
        desk.kill()
    Listener.open(path).close()


def test_a_folder_that_others_may_enter_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    Listener.open(tmp_path / "open" / "control.sock").close()
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700


def test_a_folder_that_is_a_link_or_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(EngineError, match="expected a folder of our own"):
        Listener.open(tmp_path / "link" / "control.sock")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(EngineError, match="other shells can't reach this desk"):
        Listener.open(tmp_path / "file" / "control.sock")


def test_a_socket_that_can_not_be_bound_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 120) / "control.sock"
    for _ in range(2):
        with pytest.raises(EngineError, match="other shells can't reach this desk"):
            Listener.open(path)


def test_a_path_too_long_for_a_socket_gets_a_short_one_of_its_own(tmp_path: Path) -> None:
    deep, other = tmp_path / ("d" * 120), tmp_path / ("e" * 120)
    paths = {control_path(deep), control_path(other)}
    assert len(paths) == 2
    assert all(len(os.fsencode(path)) <= PATH_BYTES_MAX for path in paths)
    assert control_path(tmp_path / "x" / ".." / ("d" * 120)) in paths
    listener = Listener.open(control_path(deep))
    assert stat.S_IMODE(listener.path.parent.stat().st_mode) == 0o700
    listener.close()
    shutil.rmtree(listener.path.parent)


def test_the_owner_and_root_are_trusted_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert [is_trusted(Peer(uid, 1)) for uid in (1000, 0, 1001)] == [True, True, False]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_who_gets_as_far_as_the_socket_is_turned_away(bench: ControlBench) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as open_to_all:
        server = ControlServer(Path(open_to_all) / "s", bench.controls, bench.rooms.clock)
        server.open()
        Path(open_to_all).chmod(0o755)
        server.path.chmod(0o666)
        told = subprocess.run(
            [_python(), "-I", "-S", "-c", SPEAKS, str(server.path)],
            user=STRANGER,
            group=STRANGER,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        server.close()
    assert json.loads(told.stdout)["text"] == "this desk belongs to another user", told.stderr
    assert server.counters.strangers == 1
    assert bench.rooms.halts.all_active
    assert not bench.submitted


SPEAKS = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
try:
    connection.sendall(b'{"ask":"set-state","state":"halted","reason":"evil"}\\n')
except BrokenPipeError:
    pass
print(connection.recv(65536).decode())
"""


def _python() -> str:
    """Return an interpreter that every user may run."""
    return shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin") or sys.executable


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"halt\n", "expected one request as a line of JSON"),
        (b"\n", "expected one request as a line of JSON"),
        (b'{"ask":"status"', "expected a line, found its end"),
        (b'{"ask":"status"}\n{"ask":"status"}\n', "expected one line, found more after it"),
        (b'{"ask":"launch"}\n', "Invalid value 'launch'"),
        (b'{"ask":"status","loud":true}\n', "unknown field `loud`"),
        (b'{"ask":"set-state","state":"off","reason":"x"}\n', "Invalid enum value 'off'"),
        (b'{"ask":"set-state","state":"halted"}\n', "missing required field `reason`"),
        (b'{"ask":"set-state","state":"halted","reason":""}\n', "Expected `str` of length >= 1"),
        (b'{"ask":"cancel-all","wait_s":1e9}\n', "Expected `float` <= 600"),
        (b'{"ask":"cancel-all","symbol":"' + b"x" * 65 + b'"}\n', "Expected `str` or `null`|of length <= 64"),
        (b'{"ask":"set-state","state":"halted","reason":"\xff\xfe"}\n', "expected one request"),
        (b"\xff\xfe\x00\n", "expected one request"),
        (b"[" * 60_000 + b"\n", "expected one request"),
        (b'{"x":' + b"[" * 60_000 + b"\n", "expected one request"),
        (b"x" * 1_000_000 + b"\n", f"expected a line of at most {LINE_BYTES_MAX:,} bytes"),
    ],
    ids=range(16),
)
def test_what_is_no_request_gets_a_sentence_and_is_counted(
    bench: ControlBench, line: bytes, sentence: str
) -> None:
    with bench.connected() as connection:
        with suppress(OSError):  # it may be hung up on before it is through
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
        answer = heard(connection)
    assert answer["code"] == Code.BAD_INPUT
    assert any(part in answer["text"] for part in sentence.split("|"))
    assert bench.server.counters.malformed == 1
    assert not bench.submitted


@given(line=st.binary(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_the_server(bench: ControlBench, line: bytes) -> None:
    assert bench.says(line.replace(b"\n", b"") + b"\n")["code"] == Code.BAD_INPUT
    assert bench.ask(TellStatus()).code is Code.PROVEN


def test_who_hangs_up_before_the_answer_is_counted_and_the_next_is_heard(bench: ControlBench) -> None:
    with bench.busy_loop():
        for line in (b"", b'{"ask":"sta', b'{"ask":"status"}\n'):
            connection = bench.connected()
            connection.sendall(line)
            connection.close()
    wait_until(lambda: bench.server.counters.unheard == 3)
    assert bench.ask(TellStatus()).code is Code.PROVEN


def test_silent_connections_in_every_place_do_not_keep_a_halt_out(bench: ControlBench) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(bench.connected()) for _ in range(2 * CONNECTIONS_MAX)]
        assert bench.ask(HALT).code is Code.PROVEN
        assert bench.server.counters.silent >= CONNECTIONS_MAX
        assert heard(silent[0])["text"] == "expected a line of JSON, found silence"


def test_a_line_that_comes_byte_by_byte_is_not_waited_for_forever(bench: ControlBench) -> None:
    with bench.connected() as connection:
        with suppress(OSError):
            while not bench.server.counters.silent:
                connection.sendall(b" ")
                time.sleep(0.001)
        assert heard(connection)["text"] == "expected a line of JSON, found silence"


def test_fifty_at_once_are_all_answered_and_all_carried_out(bench: ControlBench) -> None:
    with ThreadPoolExecutor(50) as shells:
        answers = list(shells.map(lambda _: bench.ask(CancelOrders()), range(50)))
    assert len(answers) == 50
    assert len(bench.submitted) == bench.server.counters.requests == 50
    assert Code.BAD_INPUT not in {answer.code for answer in answers}


def test_a_halt_is_carried_out_while_too_many_wait_for_proof(bench: ControlBench) -> None:
    bench.send(buying(bench.rooms, 10, 9_900))
    bench.works(1)
    bench.market.held = True
    with ExitStack() as stack:
        waiting = [stack.enter_context(bench.connected()) for _ in range(WAITING_MAX)]
        for connection in waiting:
            connection.sendall(b'{"ask":"cancel-all","wait_s":600}\n')
        wait_until(lambda: bench.server.counters.requests == WAITING_MAX)
        answer = bench.ask(HALT)
        assert answer.code is Code.UNPROVEN
        assert answer.text.startswith("asked for, but nothing is proven")
        assert bench.rooms.halts.everything.state is TradingState.HALTED
        bench.server.close()
        assert [heard(connection)["text"] for connection in waiting] == ["the desk is closing"] * WAITING_MAX


def test_a_halt_holds_at_once_while_the_engine_loop_is_blocked(bench: ControlBench) -> None:
    order = buying(bench.rooms, 10, 9_900)
    with bench.busy_loop():
        bench.send(order)
        answer = bench.ask(HALT)
        assert bench.rooms.halts.everything.state is TradingState.HALTED
    assert answer.code is Code.UNPROVEN
    assert answer.text == (
        "everything halted: in force from now on, not journalled yet; the engine loop is not answering"
    )
    wait_until(lambda: order.request.client_id in bench.rooms.orders.orders)
    assert bench.rooms.orders.orders[order.request.client_id].status is OrderStatus.DENIED
    assert bench.ask(TellStatus()).code is Code.PROVEN


def test_a_resume_asked_for_before_a_halt_and_carried_out_after_it_lets_nothing_through(
    bench: ControlBench,
) -> None:
    order = buying(bench.rooms, 10, 9_900)
    with bench.busy_loop():
        bench.send(SetTradingState(TradingState.ACTIVE, "before the fire"))
        bench.send(order)
        bench.ask(HALT)
    wait_until(lambda: order.request.client_id in bench.rooms.orders.orders)
    assert bench.rooms.orders.orders[order.request.client_id].status is OrderStatus.DENIED
    assert bench.ask(RESUME).code is Code.PROVEN
    assert bench.rooms.halts.all_active


@given(asked=st.lists(st.tuples(st.booleans(), st.sampled_from(TradingState)), max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_word_holds_and_no_earlier_one_loosens_a_latch(
    bench: ControlBench, asked: list[tuple[bool, TradingState]]
) -> None:
    """Words come from the desk and from the shell while the loop is blocked; it then carries them out in order."""
    last = asked[-1][1] if asked else bench.rooms.halts.everything.state
    with bench.busy_loop():
        for from_shell, state in asked:
            command = SetTradingState(state, "x")
            (bench.controls.set_state if from_shell else bench.send)(command)
    assert bench.on_loop(lambda: bench.rooms.halts.everything.state) is last


def test_a_resume_waits_for_the_engine_loop(bench: ControlBench) -> None:
    bench.ask(HALT)
    with bench.busy_loop(), bench.connected() as connection:
        connection.sendall(b'{"ask":"set-state","state":"active","reason":"ok"}\n')
        answer = heard(connection)
        assert bench.rooms.halts.everything.state is TradingState.HALTED
    assert answer["text"] == "everything active: asked for; the engine loop is not answering"
    wait_until(lambda: bench.rooms.halts.all_active)


def test_cancels_asked_for_while_the_engine_loop_is_blocked_go_out_when_it_is_free(
    bench: ControlBench,
) -> None:
    bench.send(buying(bench.rooms, 10, 9_900))
    bench.works(1)
    with bench.connected() as patient:
        with bench.busy_loop():
            patient.sendall(b'{"ask":"cancel-all","wait_s":600}\n')
            answer = bench.ask(CancelOrders(wait_s=0))
            assert answer.text == "cancel asked for everything; the engine loop is not answering"
            assert bench.submitted == [CancelAll(None, "shell")] * 2
        assert heard(patient)["text"] == "1 cancel asked; 0 still working"
    bench.works(0)


def test_a_halt_gets_through_while_the_engine_loop_computes(bench: ControlBench) -> None:
    bench.engine._thread.call(_computes, lambda: bench.rooms.halts.all_active)
    assert bench.ask(HALT).code in {Code.PROVEN, Code.UNPROVEN}
    assert bench.rooms.halts.everything.state is TradingState.HALTED
    assert bench.ask(TellStatus()).code is Code.PROVEN


def _computes(so_long_as: Callable[[], bool]) -> None:
    while so_long_as():
        sum(range(1_000))


def test_a_process_without_a_descriptor_left_still_hears(bench: ControlBench) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    shells = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
    taken: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_last_descriptor() + 8, hard))
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        assert taken
        for shell in shells:
            shell.settimeout(30)
            shell.connect(str(bench.server.path))
            shell.sendall(written(HALT))
            assert heard(shell)["text"].startswith("everything is halted: fire")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in taken:
            os.close(descriptor)
        for shell in shells:
            shell.close()


def _last_descriptor() -> int:
    return max(int(path.name) for path in Path("/dev/fd").iterdir())


def test_a_fault_of_one_request_is_answered_and_the_next_is_heard(
    bench: ControlBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bench.controls, "submit", lambda _: 1 / 0)
        answer = bench.says(written(CancelOrders()))
    assert answer["text"] == "failed: ZeroDivisionError: division by zero"
    assert bench.server.counters.faults == 1
    assert bench.ask(TellStatus()).code is Code.PROVEN


def test_an_answer_too_long_for_a_line_is_a_sentence(bench: ControlBench) -> None:
    bench.rooms.account.name = "x" * LINE_BYTES_MAX
    assert bench.ask(TellStatus()).text == "what there is to say is too long for one line"


def test_where_no_desk_runs_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoDeskError, match="no desk runs here: nothing listens at"):
        ask(tmp_path, TellStatus(), 1.0)


@pytest.mark.parametrize(
    ("line", "error", "sentence"),
    [
        (b"", SilentDeskError, "hung up without an answer"),
        (b"hello\n", DataError, "expected an answer as a line of JSON"),
        (b"\xff\n", DataError, "expected an answer as a line of JSON"),
        (b"x" * (LINE_BYTES_MAX + 1), SilentDeskError, "at most"),
    ],
    ids=("nothing", "no JSON", "no UTF-8", "too much"),
)
def test_an_answer_that_is_none_is_an_error_of_its_own(
    tmp_path: Path, line: bytes, error: type[EngineError], sentence: str
) -> None:
    listener = Listener.open(control_path(tmp_path))
    listener.socket.setblocking(True)
    with ThreadPoolExecutor(1) as shell:
        asked = shell.submit(ask, tmp_path, TellStatus(), 30.0)
        connection, _ = listener.socket.accept()
        with connection:
            connection.recv(LINE_BYTES_MAX)
            connection.sendall(line)
        with pytest.raises(error, match=sentence):
            asked.result()
    listener.close()


def test_a_desk_that_does_not_answer_is_named_by_its_process(tmp_path: Path) -> None:
    listener = Listener.open(control_path(tmp_path))
    with pytest.raises(SilentDeskError, match=rf"process {os.getpid()}\) has not answered for 0.1 s"):
        ask(tmp_path, TellStatus(), 0.1)
    listener.close()


def test_a_queue_before_a_desk_is_waited_in(tmp_path: Path) -> None:
    listener = Listener.open(control_path(tmp_path))
    listener.socket.listen(0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as before, ThreadPoolExecutor(1) as shell:
        before.connect(str(listener.path))
        asked = shell.submit(ask, tmp_path, TellStatus(), 30.0)
        listener.socket.setblocking(True)
        listener.socket.accept()[0].close()
        connection, _ = listener.socket.accept()
        with connection:
            connection.sendall(written(Answer(code=Code.PROVEN, text="well")))
            assert asked.result().text == "well"
    listener.close()


def test_a_server_that_never_began_has_nothing_to_stop(bench: ControlBench) -> None:
    another_server(bench).close()
    assert bench.ask(TellStatus()).code is Code.PROVEN
