"""The OpenAPI 3.1 document of the gateway (https://spec.openapis.org/oas/v3.1.0), made from the rows that answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from engine.gateway.refusals import MEANINGS, Code, FaultAnswer
from engine.gateway.routes import Route

VERSION: Final = "1.0"
"""Of what is answered; another first number once something is taken away."""
_REF: Final = "#/components/schemas/{name}"
_ABOUT: Final = (
    "Quotes, orders, positions, risk and the way out of one desk. Prices, sizes and money are decimals in texts, "
    "times are nanoseconds since the epoch, UTC. What streams is at /v1/stream, a WebSocket."
)
_EVERY: Final = (Code.BAD_REQUEST, Code.HOST, Code.ORIGIN, Code.RATE, Code.INTERNAL, Code.UNAVAILABLE)
_OF_TOKENS: Final = (Code.TOKEN, Code.FORBIDDEN)
_OF_BODIES: Final = (Code.CONTENT_TYPE, Code.BODY_TOO_LARGE, Code.BODY_TOO_SLOW, Code.BODY_INVALID)
_OF_KEYS: Final = (Code.KEY_MISSING, Code.KEY_CONFLICT)
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names this request: the same one again is done once, and answered the same.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}


def document(table: Iterable[Route]) -> dict[str, Any]:
    """Return the document of these routes."""
    rows = tuple(table)
    kinds = [kind for row in rows for kind in (row.body, row.answer, row.held) if kind is not None]
    _, components = msgspec.json.schema_components([*kinds, FaultAnswer], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Touchline gateway", "version": VERSION, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def refusals_of(row: Route) -> tuple[Code, ...]:
    """Return every code that a route may answer, each once."""
    found = [*_EVERY, *row.refusals]
    found += _OF_TOKENS if row.roles is not None else ()
    found += _OF_BODIES if row.body is not None else ()
    found += (Code.BODY_INVALID,) if row.query is not None else ()
    found += _OF_KEYS if row.keyed else ()
    return tuple(dict.fromkeys(found))


def _operation(row: Route) -> dict[str, Any]:
    roles = "everybody, without a token" if row.roles is None else ", ".join(sorted(row.roles))
    told: dict[str, Any] = {
        "operationId": row.name,
        "summary": f"{row.does[0].upper()}{row.does[1:]}.",
        "description": f"Who may: {roles}. Rate limit: {row.kind}.",
        "security": [] if row.roles is None else [{"token": []}],
        "parameters": [*_in_path(row.path), *_in_query(row.query), *([_KEY] if row.keyed else [])],
        "responses": {str(row.status): _success(row), **_held(row), **_refusals(row)},
    }
    if row.body is not None:
        told["requestBody"] = {"required": True, "content": _json(row.body)}
    return told


def _success(row: Route) -> dict[str, Any]:
    if row.answer is None:
        return {"description": "Done; there is nothing to say."}
    return {"description": (row.answer.__doc__ or "").strip(), "content": _json(row.answer)}


def _held(row: Route) -> dict[str, Any]:
    if row.held is None:
        return {}
    return {"202": {"description": (row.held.__doc__ or "").strip(), "content": _json(row.held)}}


def _refusals(row: Route) -> dict[str, Any]:
    by_status: dict[int, list[Code]] = {}
    for code in refusals_of(row):
        by_status.setdefault(MEANINGS[code].status, []).append(code)
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {MEANINGS[code].text}" for code in codes),
            "content": _json(FaultAnswer),
        }
        for status, codes in sorted(by_status.items())
    }


def _json(kind: type[Any]) -> Mapping[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def _in_path(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(kind: type[Any] | None) -> list[dict[str, Any]]:
    if kind is None:
        return []
    _, components = msgspec.json.schema_components([kind], ref_template=_REF)
    schema = components[kind.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": field}
        for name, field in schema["properties"].items()
    ]
