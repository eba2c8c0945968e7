"""The page of the errors has every code that there is, with what the code says of it."""

from __future__ import annotations

import inspect

from engine import errors
from engine.errors import EngineError
from engine.gateway.refusals import MEANINGS
from engine.observe.reject_reasons import REASONS
from tests.documented import code, page, rows, section

PAGE = page("docs/errors.md")


def test_the_page_tells_every_refusal_of_the_gateway_with_its_status_and_what_to_do() -> None:
    told = rows(section(PAGE, "## Asking again"))
    assert [(code(row[0]), row[1]) for row in told] == [
        (each.value, str(meaning.status)) for each, meaning in MEANINGS.items()
    ]
    assert all(row[2].endswith(".") for row in told)


def test_the_page_tells_every_kind_of_reject() -> None:
    told = rows(section(PAGE, "## What a venue rejects"))
    assert [code(row[0]) for row in told] == list(REASONS)
    assert all(row[1] for row in told)


def test_the_page_tells_every_error_of_the_engine_in_its_own_words() -> None:
    found = [
        each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, EngineError)
    ]
    wanted = [
        (
            each.__name__,
            "-" if each is EngineError else each.__bases__[0].__name__,
            (each.__doc__ or "").splitlines()[0],
        )
        for each in found
    ]
    told = rows(section(PAGE, "## What the engine raises"))
    assert [(code(row[0]), code(row[1]), row[2]) for row in told] == wanted
    assert all(row[3] for row in told)
