"""The OpenAPI document: made from the routes, kept in `docs/`, and served."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.gateway.openapi import document, refusals_of
from engine.gateway.refusals import MEANINGS, Code
from engine.gateway.table import ROUTES
from tests.documented import ROOT, page, rows, section

PAGE = ROOT / "docs" / "openapi.json"
MADE = document(ROUTES)


def test_the_document_that_is_kept_is_the_one_that_is_made() -> None:
    kept = json.loads(PAGE.read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(MADE)), "make openapi writes it anew"


def test_every_route_is_in_it_once_and_named_once() -> None:
    told = [(path, method) for path, methods in MADE["paths"].items() for method in methods]
    assert sorted(told) == sorted((route.path, route.method.lower()) for route in ROUTES)
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(MADE)))
    assert names <= MADE["components"]["schemas"].keys()


def test_only_these_are_answered_without_a_token() -> None:
    public = {route.path for route in ROUTES if route.roles is None}
    assert public == {"/v1/health", "/v1/sign-in", "/v1/refresh", "/v1/openapi.json"}


def test_every_write_but_those_about_ones_own_tokens_wants_a_key() -> None:
    unkeyed = {route.path for route in ROUTES if route.method != "GET" and not route.keyed}
    assert unkeyed == {"/v1/sign-in", "/v1/refresh", "/v1/sign-out"}
    assert not [route.path for route in ROUTES if route.method == "GET" and route.keyed]


def test_a_body_is_never_taken_by_a_read_and_always_refuses_what_it_does_not_know() -> None:
    for route in ROUTES:
        assert route.method != "GET" or route.body is None
        for kind in (route.body, route.query):
            assert kind is None or kind.__struct_config__.forbid_unknown_fields, route.path


@pytest.mark.parametrize("code", Code)
def test_every_code_is_some_routes_answer_or_comes_before_routing(code: Code) -> None:
    answered = {each for route in ROUTES for each in refusals_of(route)}
    assert code in answered | {Code.METHOD, Code.NOT_FOUND}


def test_the_page_tells_every_route_and_who_may_ask() -> None:
    told = {tuple(row[:3]) for row in rows(section(page("docs/gateway.md"), "## What can be asked"))}
    assert told == {(f"`{route.method} {route.path}`", _roles(route), route.kind.value) for route in ROUTES}


def test_the_page_tells_every_code() -> None:
    told = {tuple(row[:2]) for row in rows(section(page("docs/gateway.md"), "## What is refused, and why"))}
    assert told == {(f"`{code}`", str(MEANINGS[code].status)) for code in Code}


def _roles(route: Any) -> str:
    return "everybody" if route.roles is None else ", ".join(sorted(route.roles))


def written(path: Path = PAGE) -> None:
    """Write the document anew."""
    path.write_text(json.dumps(MADE, indent=1) + "\n", encoding="utf-8")
