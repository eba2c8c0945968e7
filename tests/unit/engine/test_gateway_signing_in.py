"""Signing in over the gateway, going on, and signing out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.security.audit.log import entries_in
from tests.unit.engine.gateway_bench import PASSWORD, GatewayBench, Told, served


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayBench]:
    with served(tmp_path / "gateway") as bench:
        yield bench


def signed_in(gateway: GatewayBench, name: str = "tom", password: str = PASSWORD) -> Told:
    return gateway.ask("POST", "/v1/sign-in", {"name": name, "password": password})


def test_a_sign_in_gives_tokens_that_are_turned_once_and_end_with_it(gateway: GatewayBench) -> None:
    told = signed_in(gateway)
    assert told.status == 200, told.raw
    assert 0 < told.body["access_end_s"] - SystemClock().now_ns() // 10**9 <= 900
    turned = gateway.ask("POST", "/v1/refresh", {"refresh": told.body["refresh"]})
    assert turned.status == 200
    access = {"Authorization": f"Bearer {turned.body['access']}"}
    assert gateway.ask("POST", "/v1/sign-out", headers=access).status == 204
    again = gateway.ask("POST", "/v1/sign-out", headers=access)
    assert (again.status, again.code) == (401, "token")
    over = gateway.ask("POST", "/v1/refresh", {"refresh": turned.body["refresh"]})
    assert (over.status, over.code) == (401, "token")


def test_a_refresh_token_that_comes_twice_ends_all_that_came_of_its_sign_in(gateway: GatewayBench) -> None:
    told = signed_in(gateway)
    turned = gateway.ask("POST", "/v1/refresh", {"refresh": told.body["refresh"]})
    assert gateway.ask("POST", "/v1/refresh", {"refresh": told.body["refresh"]}).code == "token"
    access = {"Authorization": f"Bearer {turned.body['access']}"}
    assert gateway.ask("POST", "/v1/sign-out", headers=access).code == "token"


def test_five_failures_lock_out_whoever_it_is_and_each_is_written_down(gateway: GatewayBench) -> None:
    answers = [signed_in(gateway, "nobody", "wrong") for _ in range(2)]
    answers += [signed_in(gateway, "tom", "wrong") for _ in range(3)]
    assert {(each.status, each.code) for each in answers} == {(401, "sign_in_refused")}
    assert len({each.body["error"]["text"] for each in answers}) == 1
    gateway.server.parts.limiter._store._down_us.clear()  # type: ignore[attr-defined]  # the limit of rates comes first
    locked = signed_in(gateway)
    assert (locked.status, locked.code) == (429, "locked_out")
    assert 0 < int(locked.headers["retry-after"]) <= 300
    log = (gateway.rooms.folders.data / "audit.log").read_text(encoding="utf-8")
    assert log.count('"sign-in-failed"') == 5
    assert '"origin":"gateway 127.0.0.1"' in log
    assert "wrong" not in log
    assert len(list(entries_in(gateway.rooms.folders.data / "audit.log"))) >= 6
