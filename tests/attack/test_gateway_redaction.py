"""Secrets are planted in every part of a request, and looked for in everything that the gateway writes and answers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.types import Scope

from engine.gateway.answers import Sender
from engine.gateway.front import Front
from engine.observe import storms
from engine.observe.logs import GATEWAY_NAME
from engine.security.operators.roles import Role
from tests.attack.plants import MARKS, PLANTS, found_in, nothing_redacted
from tests.unit.engine.gateway_bench import PASSWORD, GatewayBench, exported, served

IN_HEADERS = (
    "Authorization",
    "Cookie",
    "User-Agent",
    "Origin",
    "Host",
    "X-Correlation-ID",
    "Idempotency-Key",
)


def asked(gateway: GatewayBench, plant: str) -> list[bytes]:
    """Ask with a plant in each part of a request; return what was answered."""
    line, path = plant.replace("\n", " "), quote(plant, safe="")
    told = [gateway.ask("GET", f"/v1/orders/{path}?token={path}", role=Role.ADMIN)]
    for name in IN_HEADERS:
        headers = {"Authorization": f"Bearer {gateway.token(Role.ADMIN)}", name: line}
        told.append(gateway.ask("GET", "/v1/account", headers=headers))
    bodies = (
        ("/v1/orders", {"line": plant}),
        ("/v1/halt", {"reason": plant}),
        ("/v1/limits", {"password": plant}),
    )
    for number, (route, body) in enumerate(bodies):
        key = {"Idempotency-Key": f"k{number}-{hash(plant) & 0xFFFF}"}
        told.append(gateway.ask("POST", route, body, role=Role.ADMIN, headers=key))
    told.append(gateway.ask("POST", "/v1/refresh", {"refresh": plant}))
    return [b"".join((answer.raw, repr(answer.headers).encode())) for answer in told]


def everything_told(root: Path) -> dict[str, bytes]:
    """Have every plant come in by every way, and sign in; return the answers, the metrics and the files."""
    out: dict[str, bytes] = {}
    with served(root) as gateway:
        for name, plant in PLANTS.items():
            out[f"answer {name}"] = b"\n".join(asked(gateway, plant))
        signed_in = gateway.ask("POST", "/v1/sign-in", {"name": "ann", "password": PASSWORD})
        out["tokens"] = signed_in.raw
        out["metrics"] = repr(exported(gateway)).encode()
    return out | {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def secrets_in(told: dict[str, bytes]) -> dict[str, list[str]]:
    """Return what is found where: plants, the password, or a part of a token; the answer to a sign-in may have those."""
    tokens = told.pop("tokens").decode().split('"')
    own = {PASSWORD, *(part for token in tokens for part in token.split(".") if len(part) > 40)}
    found = {
        place: sorted(found_in(content)) + [text for text in own if text.encode() in content]
        for place, content in told.items()
    }
    return {place: secrets for place, secrets in found.items() if secrets}


def test_no_secret_of_a_request_comes_out_of_a_gateway_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storms, "KEPT_MAX", 10_000)
    told = everything_told(tmp_path)
    assert told[GATEWAY_NAME].count(b'"event": "request"') > len(PLANTS) * len(IN_HEADERS)
    assert {GATEWAY_NAME, "audit.log", "operators.sqlite3", "metrics"} <= told.keys()
    assert secrets_in(told) == {}


def test_the_search_finds_them_where_the_gateway_says_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def note_all(front: Front, scope: Scope, sender: Sender, took_ms: float) -> None:
        said = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
        front._log.note(
            "critical", f"request {took_ms}", path=scope["path"], **said, correlation=sender.correlation
        )

    monkeypatch.setattr(Front, "_note", note_all)
    with nothing_redacted():
        told = everything_told(tmp_path)
    assert found_in(told[GATEWAY_NAME]) == set(MARKS)
    assert len(found_in(told["audit.log"])) > 8
    assert GATEWAY_NAME in secrets_in(told)
