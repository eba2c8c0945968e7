"""Every desk over one gateway: two engines on one real Redis, a program that asks at one of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.config import Settings
from engine.credentials import Credentials
from engine.gateway import commanding
from engine.messages.commands import TradingState
from engine.rooms import Rooms
from engine.security.operators.roles import Role
from engine.settings.redis import CREDENTIAL as NAME
from engine.sharing import share
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis
from tests.unit.engine.gateway_bench import PASSWORD, GatewayBench, Told, exported, served
from tests.waiting import wait_until

pytestmark = needs_redis
KEYS = (f"firm-{number}" for number in count())


def sharing(name: str, server: RedisServer) -> Callable[[Rooms], None]:
    """Return what lets a desk share before its engine is made."""

    def prepare(rooms: Rooms) -> None:
        redis = replace(server.settings, desk=name, timeout_ms=500)
        Credentials(Settings(credentials=rooms.settings.credentials)).keep(NAME, CREDENTIAL)
        rooms.settings = replace(rooms.settings, redis=redis)
        share(rooms, lambda _: CREDENTIAL)

    return prepare


def say(gateway: GatewayBench, what: str, password: str | None = None) -> Told:
    key = {"Idempotency-Key": next(KEYS)}
    body = {"reason": "bad fills", **({"password": password} if password is not None else {})}
    return gateway.ask("POST", f"/v1/firm/{what}", body, role=Role.RISK, name="rita", headers=key)


def test_what_a_program_says_about_every_desk_holds_at_the_other_and_a_release_waits_for_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commanding, "WAIT_S", 0.3)
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(tmp_path / "r"))
        tower, bridge = (
            stack.enter_context(served(tmp_path / name, prepare=sharing(name, server)))
            for name in ("tower", "bridge")
        )
        for desk in (tower, bridge):
            wait_until(lambda desk=desk: desk.rooms.halts.all_active)  # type: ignore[misc]  # mypy infers no type for its default
        wait_until(lambda: exported(tower)["touchline_desks", ("here",)] == 2)
        found = exported(tower)
        for link in ("engine", "gateway"):
            assert found["touchline_redis_up", (link,)] == 1
            assert found["touchline_redis_requests_total", (link,)] > 0
            assert found["touchline_redis_round_trip_seconds_bucket", (link, "+Inf")] > 0
            assert found["touchline_redis_heard_age_seconds", (link,)] >= 0
        assert found["touchline_desks_heard_age_seconds", ()] >= 0
        assert tower.rooms.health.readings()["redis"].value.endswith(" ms")
        told = say(tower, "halt")
        assert (told.status, told.body["risk"]["firm_state"]) == (200, "halted")
        wait_until(lambda: bridge.rooms.halts.firm.state is TradingState.HALTED)
        assert bridge.rooms.halts.firm.reason == "by rita at tower: bad fills (every desk)"
        with server.held():
            refused = say(bridge, "resume", PASSWORD)
            assert refused.code in {"refused", "unavailable"}
            assert bridge.rooms.halts.firm.state is TradingState.HALTED
        wait_until(lambda: not bridge.rooms.firm._blind)
        wait_until(lambda: say(bridge, "resume", PASSWORD).status == 200)
        wait_until(lambda: tower.rooms.halts.firm.state is TradingState.ACTIVE)


def test_in_production_the_way_out_waits_for_no_redis_and_everything_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RedisServer(tmp_path / "r") as server:
        monkeypatch.setattr("engine.serving.is_production", lambda: True)
        with served(tmp_path / "tower", prepare=sharing("tower", server)) as tower:
            parts = tower.server.parts
            wait_until(lambda: not parts.revocations.is_blind)
            with server.held():
                wait_until(lambda: parts.revocations.is_blind)
                assert tower.ask("GET", "/v1/account", role=Role.RISK, name="rita").status in {429, 503}
                key = {"Idempotency-Key": next(KEYS)}
                told = tower.ask(
                    "POST", "/v1/halt", {"reason": "blind"}, role=Role.RISK, name="rita", headers=key
                )
                assert told.status in {200, 202}
                assert not tower.rooms.halts.all_active
