"""A token that was seen before is judged as one that was not: only its signature is not looked at again."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.security.tokens import verified
from engine.security.tokens.claims import Claims, Kind
from engine.security.tokens.mint import new_id
from engine.security.tokens.refusal import Reason, TokenRefused
from engine.security.tokens.verifier import Verifier
from tests.unit.engine.token_bench import AUDIENCE, ISSUER, TokenBench


def judged(verifier: Verifier, token: str, kind: Kind = Kind.ACCESS) -> Claims | Reason:
    try:
        return verifier.claims_of(token, kind)
    except TokenRefused as refused:
        return refused.reason


def minted(bench: TokenBench, user: str = "ada") -> str:
    return bench.mint.signed(bench.mint.claims(Kind.ACCESS, user, "trader", new_id()))


def test_one_that_was_taken_is_refused_once_its_time_is_over_and_then_forgotten() -> None:
    bench = TokenBench()
    token = minted(bench)
    assert isinstance(judged(bench.verifier, token), Claims)
    assert len(bench.verifier._verified) == 1
    bench.pass_s(1_000)
    assert judged(bench.verifier, token) is Reason.EXPIRED
    assert len(bench.verifier._verified) == 0


def test_other_keys_end_all_that_is_known_also_under_the_same_name() -> None:
    bench, other = TokenBench(), TokenBench()
    token = minted(bench)
    assert isinstance(judged(bench.verifier, token), Claims)
    kid, own = bench.keys.current, bench.keys
    forged = type(own)(kid, {}, {kid: other.keys.verifying[other.keys.current]})
    bench.keys = forged
    assert judged(bench.verifier, token) is Reason.SIGNATURE
    bench.keys = own
    assert isinstance(judged(bench.verifier, token), Claims)


def test_one_that_is_refused_is_not_kept_and_kinds_are_not_mixed() -> None:
    bench = TokenBench()
    token = minted(bench)
    head, body, signature = token.split(".")
    for spoilt in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body}", "x.y.z", "é" * 10, "x" * 3_000):
        judged(bench.verifier, spoilt)
    assert len(bench.verifier._verified) == 0
    assert isinstance(judged(bench.verifier, token), Claims)
    assert judged(bench.verifier, token, Kind.REFRESH) is Reason.KIND
    assert isinstance(judged(bench.verifier, token), Claims)


def test_no_more_are_kept_than_so_many_and_none_of_them_as_it_is_written() -> None:
    bench = TokenBench()
    tokens = [minted(bench, f"user {number}") for number in range(6)]
    kept = verified.KEPT_MAX
    verified.KEPT_MAX = 4  # type: ignore[misc]  # so many need not be signed here
    try:
        for token in tokens:
            judged(bench.verifier, token)
    finally:
        verified.KEPT_MAX = kept  # type: ignore[misc]  # as above
    known = bench.verifier._verified
    assert len(known) == 4
    assert [known.find(token, bench.keys) is not None for token in tokens] == [False] * 2 + [True] * 4
    assert not any(token.encode() in repr(known.__dict__).encode() for token in tokens)


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 5)),
    st.tuples(st.just("pass"), st.integers(1, 500)),
    st.tuples(st.sampled_from(["mint", "rotate", "strike"]), st.just(0)),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(STEPS, max_size=25))
def test_who_remembers_and_who_does_not_judge_alike(steps: list[tuple[str, int]]) -> None:
    bench = TokenBench()
    tokens = [minted(bench)]
    for what, number in steps:
        if what == "pass":
            bench.pass_s(number)
        elif what == "mint":
            tokens.append(minted(bench))
        elif what == "rotate":
            bench.keys = bench.keys.rotated(bench.clock.now_ns())
        elif what == "strike":
            bench.keys = bench.keys.without_past()
        else:
            token = tokens[number % len(tokens)]
            fresh = Verifier(lambda: bench.keys, bench.clock, issuer=ISSUER, audience=AUDIENCE)
            assert judged(bench.verifier, token) == judged(fresh, token)
