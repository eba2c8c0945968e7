"""Every route of the gateway is attacked, as the table of routes has them: a new one is attacked from its first day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from engine.clock import SystemClock
from engine.gateway.refusals import MEANINGS, Code
from engine.gateway.routes import Route
from engine.gateway.table import ROUTES
from engine.messages.commands import TradingState
from engine.ports.revocations import Revoked, What
from engine.security.operators.roles import Role
from engine.security.rates.table import TABLE
from engine.security.rates.table import Kind as Rated
from engine.security.tokens.claims import Kind
from engine.security.tokens.keys import new_signing_keys
from engine.security.tokens.mint import Mint, new_id
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.serving import AUDIENCE, ISSUER
from tests.unit.engine.gateway_bench import PAGE, GatewayBench, Told, served
from tests.unit.engine.token_bench import encoded, part
from tests.waiting import wait_until

GUARDED = [route for route in ROUTES if route.roles is not None]
BODIED = [route for route in GUARDED if route.body is not None]
EVERY = [f"{route.method} {route.path}" for route in ROUTES]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    admin = TABLE[Rated.ADMIN]
    with pytest.MonkeyPatch.context() as roomy, served(tmp_path_factory.mktemp("home")) as bench:
        roomy.setitem(
            TABLE, Rated.ADMIN, admin._replace(everyone=10_000)
        )  # all of these attackers come at once
        yield bench
        assert not bench.rooms.orders.orders, "nothing that was refused may have had an effect"
        assert bench.rooms.halts.everything.state is TradingState.ACTIVE


def path_of(route: Route) -> str:
    return route.path.replace("{client_id}", "none-1").replace("{number}", "0")


def asked(gateway: GatewayBench, route: Route, token: str = "", **headers: str) -> Told:
    """Ask a route with a body that is one but for what it says."""
    said = {"Idempotency-Key": new_id(), **{name.replace("_", "-"): value for name, value in headers.items()}}
    if token:
        said["Authorization"] = token if " " in token else f"Bearer {token}"
    return gateway.ask(route.method, path_of(route), {} if route.body is not None else None, headers=said)


def tokens_that_open_nothing(gateway: GatewayBench) -> dict[str, str]:
    """Return what stands in the header, for each way in which it is no token of ours that stands."""
    good = gateway.token(Role.ADMIN, "ann")
    head, body, signature = good.split(".")
    foreign, keys = new_signing_keys(), gateway.mint
    other = Mint(lambda: foreign, SystemClock(), issuer=ISSUER, audience=AUDIENCE)
    elsewhere = Mint(keys._keys, SystemClock(), issuer=ISSUER, audience="another gateway")
    none = part({"alg": "none", "typ": "JWT", "kid": "x"}).decode()
    past = keys.claims(Kind.ACCESS, "ann", Role.ADMIN, new_id())
    now_s = past.iat

    def signed(**changed: int) -> str:
        return keys.signed(type(past)(**{**{f: getattr(past, f) for f in past.__struct_fields__}, **changed}))

    return {
        "nothing": "",
        "no scheme": f"Token {good}",
        "a password": f"Basic {encoded(b'ann:fjord-Lantern-62-quince').decode()}",
        "no token": "Bearer x.y.z",
        "unsigned": f"{none}.{body}.",
        "another signature": f"{head}.{body}.{signature[::-1]}",
        "a refresh token": keys.signed(keys.claims(Kind.REFRESH, "ann", Role.ADMIN, new_id())),
        "another desk's": other.signed(other.claims(Kind.ACCESS, "ann", Role.ADMIN, new_id())),
        "another audience": elsewhere.signed(elsewhere.claims(Kind.ACCESS, "ann", Role.ADMIN, new_id())),
        "expired": signed(iat=now_s - 900, exp=now_s - 60),
        "ten years": signed(exp=now_s + 315_360_000),
        "an unknown role": keys.signed(keys.claims(Kind.ACCESS, "ann", "root", new_id())),
    }


def is_refused(told: Told, code: Code) -> bool:
    """Tell whether an answer is that refusal, in the one form, and says nothing of the inside."""
    error = told.body.get("error", {"code": "", "text": ""})
    return (
        (told.status, error["code"]) == (MEANINGS[code].status, code)
        and "Traceback" not in error["text"]
        and told.headers["x-content-type-options"] == "nosniff"
    )


def opens_nothing(told: Told) -> bool:
    """Tell whether a token was refused, as too many were before it from here or not."""
    return is_refused(told, Code.TOKEN) or is_refused(told, Code.RATE)


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_a_route_opens_to_no_token_that_does_not_stand(gateway: GatewayBench, route: Route) -> None:
    opened = [
        why
        for why, token in tokens_that_open_nothing(gateway).items()
        if not opens_nothing(asked(gateway, route, token))
    ]
    assert opened == []


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
def test_a_route_opens_to_its_roles_alone(gateway: GatewayBench, route: Route) -> None:
    assert route.roles
    for role in Role:
        if role not in route.roles:
            told = asked(gateway, route, gateway.token(role, f"{role}-{route.name}"))
            assert is_refused(told, Code.FORBIDDEN), role


def test_the_roles_of_the_table_let_through_what_they_name(gateway: GatewayBench) -> None:
    for route in GUARDED:
        assert route.roles
        if route.method == "GET":
            for role in route.roles:
                told = asked(gateway, route, gateway.token(role, f"let-{role}"))
                assert told.status in {200, 400, 404, 422}, (route.name, role, told.raw)


def test_a_token_counts_in_the_header_alone(gateway: GatewayBench) -> None:
    token = gateway.token(Role.ADMIN, "ann")
    for name in ("access_token", "token", "authorization", "jwt"):
        assert opens_nothing(gateway.ask("GET", f"/v1/account?{name}={token}"))
        cookie = {"Cookie": f"{name}={token}"}
        assert opens_nothing(gateway.ask("GET", "/v1/account", headers=cookie))


def test_a_token_that_is_revoked_opens_no_route_within_moments(gateway: GatewayBench) -> None:
    claims = gateway.mint.claims(Kind.ACCESS, "rex", Role.ADMIN, new_id())
    token = gateway.mint.signed(claims)
    account = next(route for route in GUARDED if route.path == "/v1/account")
    assert asked(gateway, account, token).status == 200

    async def revoke() -> None:
        store = SqliteRevocations(gateway.rooms.folders.revocations, SystemClock())
        await store.add([Revoked(What.TOKEN, claims.jti, claims.exp + 60)])
        await store.close()

    asyncio.run(revoke())
    wait_until(lambda: opens_nothing(asked(gateway, account, token)))
    assert all(opens_nothing(asked(gateway, route, token)) for route in GUARDED)


@pytest.mark.parametrize("route", ROUTES, ids=EVERY)
def test_a_page_of_somebody_else_gets_nothing_from_a_route(gateway: GatewayBench, route: Route) -> None:
    token = gateway.token(Role.ADMIN, f"page-{route.name}")
    for host in (
        "evil.test",
        f"evil.test:{gateway.port}",
        f"127.0.0.1.evil.test:{gateway.port}",
        "127.0.0.1:1",
    ):
        assert is_refused(asked(gateway, route, token, Host=host), Code.HOST)
    for origin in ("https://evil.test", "null", f"{PAGE}.evil.test", "http://page.example"):
        told = asked(gateway, route, token, Origin=origin)
        assert is_refused(told, Code.ORIGIN)
        assert "access-control-allow-origin" not in told.headers
    assert is_refused(asked(gateway, route, token, Sec_Fetch_Site="cross-site"), Code.ORIGIN)


@pytest.mark.parametrize("route", BODIED, ids=lambda route: route.name)
def test_a_route_takes_no_body_that_is_not_its_own(gateway: GatewayBench, route: Route) -> None:
    assert route.roles
    role = min(route.roles)
    mean: dict[bytes, Code] = {
        b'{"x":' * 5_000 + b"1" + b"}" * 5_000: Code.BODY_TOO_LARGE,
        b'{"x":' * 1_000 + b"1" + b"}" * 1_000: Code.BODY_INVALID,
        b"[" * 9_000: Code.BODY_INVALID,
        b"": Code.CONTENT_TYPE,
        b"null": Code.BODY_INVALID,
        b'{"nobody_knows_this": 1}': Code.BODY_INVALID,
        b"\xff\xfe{}": Code.BODY_INVALID,
        b'{"reason": "\\ud800"}': Code.BODY_INVALID,
        b"x" * 20_000: Code.BODY_TOO_LARGE,
    }
    for number, (body, code) in enumerate(mean.items()):
        headers = {"Content-Type": "application/json", "Idempotency-Key": new_id()}
        if not body:
            headers["Content-Type"] = "text/plain"
        name = f"body-{route.name}-{number}"
        told = gateway.ask(route.method, path_of(route), body or b"{}", role=role, name=name, headers=headers)
        assert is_refused(told, code), (body[:40], told.raw)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_can_send_without_asking_first_is_refused(gateway: GatewayBench, kind: str) -> None:
    for route in BODIED:
        headers = {"Content-Type": kind, "Idempotency-Key": new_id()}
        told = gateway.ask(
            route.method,
            path_of(route),
            b"{}",
            role=Role.ADMIN,
            name=f"form{kind}-{route.name}",
            headers=headers,
        )
        assert is_refused(told, Code.CONTENT_TYPE), route.name


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders/%0d%0aSet-Cookie:%20a=b",
        "/v1/orders/..%2f..%2fetc%2fpasswd",
        "/v1/orders/%00",
        "/v1/orders/%1b%5d52;c;eA==%07",
        "/v1/orders/%3Cscript%3Ealert(1)%3C/script%3E",
        "/v1/orders/" + "a" * 4_000,
        "/v1/quotes?symbols=%0d%0aX-Evil:%201&symbols=' OR 1 --",
        "/v1/depth?symbol=%3Cscript%3E&levels=999999999999999999999",
        "/v1/depth?symbol=ABC&levels=NaN",
        "/v1/../v1/account",
        "//v1/account",
        "/V1/ACCOUNT",
        "/v1/account/",
    ],
    ids=range(13),
)
def test_words_of_a_path_come_back_harmless_or_not_at_all(gateway: GatewayBench, path: str) -> None:
    told = gateway.ask("GET", path.replace(" ", "%20"), role=Role.VIEWER, name="vic")
    assert told.status in {200, 400, 404, 422}
    assert {"set-cookie", "x-evil"}.isdisjoint(told.headers)
    assert told.headers["content-type"].startswith("application/json")
    assert all(character >= " " for character in json.dumps(told.body))
    assert "/etc/" not in told.raw.decode() or "passwd" not in told.raw.decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/account HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test\r\n\r\n",
        b"POST /v1/halt HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/halt HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"GET /v1/account HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET http://evil.test/v1/account HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/health\r\n\r\n",
    ],
    ids=range(7),
)
def test_no_request_that_two_readers_read_differently_is_obeyed(gateway: GatewayBench, raw: bytes) -> None:
    try:
        answer = gateway.say(raw)
    except ConnectionError:
        return
    assert b" 200 " not in answer.split(b"\r\n", 1)[0]
    assert answer.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize(
    ("host", "more"),
    [
        ("evil.test", ""),
        ("127.0.0.1", "Origin: https://evil.test\r\n"),
        ("127.0.0.1", "Origin: null\r\n"),
        ("127.0.0.1", "Authorization: Bearer x.y.z\r\n"),
    ],
)
def test_no_socket_is_opened_for_another_page_or_with_a_token_that_does_not_stand(
    gateway: GatewayBench, host: str, more: str
) -> None:
    where = host if host == "evil.test" else f"{host}:{gateway.port}"
    answer = gateway.say(
        f"GET /v1/stream HTTP/1.1\r\nHost: {where}\r\n{more}Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert answer.split(b" ", 2)[1] in {b"401", b"403", b"421"}
