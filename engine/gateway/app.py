"""From the table of routes to the application: one endpoint a path, one row a method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, Final, get_args, get_origin
from urllib.parse import parse_qs

import msgspec
from starlette.routing import BaseRoute, Router
from starlette.routing import Route as PathRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import TransientError
from engine.gateway.answers import Sender
from engine.gateway.asking import Answer, Ask, Who
from engine.gateway.bodies import Incoming, decoded
from engine.gateway.door import Door
from engine.gateway.front import INCOMING, KIND, SENDER, WHO, address_of
from engine.gateway.idempotency import fingerprint_of, key_of
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.routes import Route
from engine.model.text import clean

_NAMES_MAX: Final = 64
"""How many names a query may have."""


def application(parts: Parts, table: Iterable[Route], sockets: Iterable[BaseRoute] = ()) -> ASGIApp:
    """Return what answers these routes, and opens these WebSockets."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in table:
        by_path.setdefault(route.path, {})[route.method] = route
    door = Door(parts.sessions, parts.limiter)
    paths = [PathRoute(path, Endpoint(parts, door, rows)) for path, rows in by_path.items()]
    return Router([*paths, *sockets], redirect_slashes=False, default=_nothing)


class Endpoint:
    """Answers the methods of one path."""

    def __init__(self, parts: Parts, door: Door, rows: Mapping[str, Route]) -> None:
        self._parts = parts
        self._door = door
        self._rows = rows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in and answer it."""
        del receive, send
        sender: Sender = scope[SENDER]
        incoming: Incoming = scope[INCOMING]
        route = self._rows.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if route is None:
            raise Refused(Code.METHOD, headers={"Allow": ", ".join(sorted(self._rows))})
        scope[KIND] = route.kind.value
        who, sender.rates = await self._door.admit(route, incoming.headers, address_of(scope))
        scope[WHO] = who.name if who is not None else ""
        await sender.answer(await self._answered(route, scope, incoming, who=who))

    async def _answered(self, route: Route, scope: Scope, incoming: Incoming, *, who: Who | None) -> Answer:
        sender: Sender = scope[SENDER]
        query = query_of(scope["query_string"], route.query)
        body = await incoming.read() if route.body is not None else b""
        ask = Ask(
            correlation=sender.correlation,
            address=address_of(scope),
            who=who,
            body=decoded(body, route.body) if route.body is not None else None,
            query=query,
            path=scope["path_params"],
            key=key_of(incoming.headers) if route.keyed else "",
        )
        work = partial(route.handle, self._parts, ask)
        try:
            if not route.keyed:
                return await work()
            assert who is not None, "a keyed route has roles"
            same = fingerprint_of(route.method, scope["path"], body)
            return await self._parts.keys.once(who.name, ask.key, same, work)
        except TransientError:
            raise Refused(Code.UNAVAILABLE) from None


def query_of(raw: bytes, kind: type[Any] | None) -> Any:
    """Return what stands behind the question mark, as a route takes it; None where it takes nothing.

    Raises:
        Refused: it is something else.
    """
    if kind is None:
        return None
    try:
        told = parse_qs(raw.decode("ascii"), keep_blank_values=True, max_num_fields=_NAMES_MAX)
        lists = _lists(kind)
        named = {name: found if name in lists else found[-1] for name, found in told.items()}
        return msgspec.convert(named, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(Code.BODY_INVALID, f"in the query: {clean(str(error))}") from None
    except ValueError:
        raise Refused(Code.BAD_REQUEST) from None


def _lists(kind: type[Any]) -> frozenset[str]:
    """Return which names may come more than once."""
    return frozenset(
        field.name for field in msgspec.structs.fields(kind) if get_origin(_bare(field.type)) is list
    )


def _bare(kind: Any) -> Any:
    """Return a type without what is said of its values."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise Refused(Code.NOT_FOUND)
