"""What the gateway says of itself is what it does: schemathesis reads the document that is served, and asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks

from engine.gateway.table import ROUTES
from engine.security.operators.roles import Role
from tests.attack.effort import effort
from tests.unit.engine.gateway_bench import GatewayBench, served

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
"""All but that what fits the description is taken: a description can't say that of two fields only one may be there."""
WITHOUT_LIMIT = count()
"""Numbers names, so that no example is refused for how many came before."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with served(tmp_path_factory.mktemp("home")) as bench:
        yield bench


@pytest.fixture(scope="module")
def schema(gateway: GatewayBench) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{gateway.port}/v1/openapi.json")


def test_every_route_is_described_and_can_be_asked(schema: Any) -> None:
    described = {(each.ok().method.upper(), each.ok().path) for each in schema.get_all_operations()}
    assert described == {(route.method, route.path) for route in ROUTES if route.path != "/v1/openapi.json"}


@seed(1)
@settings(
    max_examples=effort(25),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(data=st.data())
def test_whatever_is_asked_within_the_description_is_answered_within_it(
    gateway: GatewayBench, schema: Any, data: st.DataObject
) -> None:
    operations = [each.ok() for each in schema.get_all_operations()]
    operation = data.draw(st.sampled_from(operations), label="operation")
    case = data.draw(operation.as_strategy(), label="case")
    role = data.draw(st.sampled_from(sorted(Role)), label="role")
    token = gateway.token(role, f"sam{next(WITHOUT_LIMIT)}")
    answer = case.call(headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    case.validate_response(answer, checks=CHECKS)
