"""What every place that keeps revocations promises, held against the sessions of two desks that use it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, Clock, SimulatedClock
from engine.ports.revocations import RevocationStore, Revoked, Turn, What
from engine.security.tokens.claims import Kind
from engine.security.tokens.keys import SigningKeys
from engine.security.tokens.lives import ACCESS_S, LEEWAY_S, REFRESH_S
from engine.security.tokens.mint import Mint
from engine.security.tokens.refusal import Reason, RevocationsUnknown, TokenRefused
from engine.security.tokens.revocations import AHEAD_S, BLIND_S, Revocations
from engine.security.tokens.sessions import Sessions, Tokens
from engine.security.tokens.verifier import Verifier
from tests.unit.engine.token_bench import AUDIENCE, ISSUER
from tests.waiting import until


class Desk:
    """The sessions of one desk, on a store that others may share."""

    def __init__(self, store: RevocationStore, clock: SimulatedClock, keys: SigningKeys) -> None:
        self.store = store
        self.clock = clock
        self.roles = {"ada": "trader", "bob": "admin"}
        self.revocations = Revocations(store, clock, production=True)
        self.verifier = Verifier(lambda: keys, clock, issuer=ISSUER, audience=AUDIENCE)
        mint = Mint(lambda: keys, clock, issuer=ISSUER, audience=AUDIENCE)
        self.sessions = Sessions(mint, self.verifier, self.revocations, self.role_of)

    async def role_of(self, user: str) -> str | None:
        return self.roles.get(user)

    async def begin(self, user: str = "ada") -> Tokens:
        await self.revocations.look()
        return await self.sessions.begin(user)

    async def pass_s(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now_ns() + int(seconds * NS_PER_S))
        await self.revocations.look()


def refused(desk: Desk, token: str) -> Reason | None:
    """Return why an access token is refused, None where it stands."""
    try:
        desk.sessions.check(token)
    except TokenRefused as error:
        return error.reason
    return None


async def not_turned(desk: Desk, token: str) -> Reason:
    with pytest.raises(TokenRefused) as error:
        await desk.sessions.turn(token)
    return error.value.reason


class RevocationPromises:
    """Inherit this, and make a store on what the desks share; every call makes another one."""

    def store(self, place: Path, clock: Clock) -> RevocationStore:
        raise NotImplementedError

    @asynccontextmanager
    async def desks(self, place: Path, keys: SigningKeys) -> AsyncIterator[tuple[Desk, Desk]]:
        clock = SimulatedClock(time.time_ns(), steady_is_own=True)
        both = Desk(self.store(place, clock), clock, keys), Desk(self.store(place, clock), clock, keys)
        try:
            for desk in both:
                await desk.revocations.look()
            yield both
        finally:
            for desk in both:
                await desk.store.close()

    def run(self, place: Path, keys: SigningKeys, scene: Callable[[Desk, Desk], Awaitable[None]]) -> None:
        async def play() -> None:
            async with self.desks(place, keys) as (here, there):
                await scene(here, there)

        asyncio.run(play())

    def test_one_token_is_over_everywhere_and_its_sisters_stand(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            first, second = await here.begin(), await here.begin()
            await here.revocations.revoke_token(here.sessions.check(first.access))
            await there.revocations.look()
            for desk in (here, there):
                assert refused(desk, first.access) is Reason.REVOKED
                assert refused(desk, second.access) is None
            await here.sessions.turn(first.refresh)

        self.run(place, keys, scene)

    def test_signing_out_ends_both_tokens_of_that_sign_in_alone(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            first, second = await here.begin(), await there.begin()
            await here.sessions.end(here.sessions.check(first.access))
            await there.revocations.look()
            assert refused(there, first.access) is Reason.REVOKED
            assert await not_turned(there, first.refresh) is Reason.REVOKED
            assert refused(there, second.access) is None

        self.run(place, keys, scene)

    def test_a_users_tokens_end_and_a_little_later_new_ones_stand(
        self, place: Path, keys: SigningKeys
    ) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            ada, bob = await here.begin("ada"), await here.begin("bob")
            await here.revocations.revoke_user("ada")
            await there.revocations.look()
            assert refused(there, ada.access) is Reason.REVOKED
            assert await not_turned(there, ada.refresh) is Reason.REVOKED
            assert refused(there, bob.access) is None
            with pytest.raises(TokenRefused):
                await there.begin("ada")
            await there.pass_s(AHEAD_S + 1)
            assert refused(there, (await there.begin("ada")).access) is None

        self.run(place, keys, scene)

    def test_everyones_tokens_end_at_once(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            tokens = [await here.begin("ada"), await there.begin("bob")]
            await there.revocations.revoke_everyone()
            await here.revocations.look()
            assert [refused(here, each.access) for each in tokens] == [Reason.REVOKED] * 2

        self.run(place, keys, scene)

    def test_a_second_revocation_of_a_user_counts_from_then(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            await here.revocations.revoke_user("ada")
            await here.pass_s(AHEAD_S + 1)
            tokens = await here.begin("ada")
            await there.revocations.revoke_user("ada")
            await here.revocations.look()
            assert refused(here, tokens.access) is Reason.REVOKED

        self.run(place, keys, scene)

    def test_a_refresh_token_is_turned_once_and_a_second_time_ends_its_sign_in(
        self, place: Path, keys: SigningKeys
    ) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            first = await here.begin()
            second = await here.sessions.turn(first.refresh)
            third = await there.sessions.turn(second.refresh)
            assert refused(there, third.access) is None
            assert await not_turned(there, first.refresh) is Reason.REPLAYED
            await here.revocations.look()
            for desk in (here, there):
                assert refused(desk, third.access) is Reason.REVOKED
                assert await not_turned(desk, third.refresh) is Reason.REVOKED

        self.run(place, keys, scene)

    def test_of_many_refreshes_at_once_exactly_one_is_answered(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            refresh = (await here.begin()).refresh
            asked = [desk.sessions.turn(refresh) for desk in (here, there) * 4]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert len([each for each in answers if isinstance(each, Tokens)]) == 1
            assert len([each for each in answers if isinstance(each, TokenRefused)]) == 7

        self.run(place, keys, scene)

    def test_a_turned_token_ends_when_its_sign_in_does_and_has_the_role_of_now(
        self, place: Path, keys: SigningKeys
    ) -> None:
        async def scene(here: Desk, _: Desk) -> None:
            first = await here.begin()
            await here.pass_s(REFRESH_S - 60)
            here.roles["ada"] = "viewer"
            second = await here.sessions.turn(first.refresh)
            assert second.refresh_end_s == first.refresh_end_s == second.access_end_s
            assert here.sessions.check(second.access).role == "viewer"
            del here.roles["ada"]
            assert await not_turned(here, second.refresh) is Reason.OPERATOR

        self.run(place, keys, scene)

    def test_a_sign_in_that_nothing_is_known_of_is_over(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, _: Desk) -> None:
            ended = Revoked(What.FAMILY, "unknown", 2**40)
            assert await here.store.turn_family("unknown", "a", "b", ended) is Turn.GONE
            await here.revocations.look()
            assert len(here.revocations) == 0

        self.run(place, keys, scene)

    def test_entries_are_forgotten_once_their_tokens_are_over(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, _: Desk) -> None:
            tokens = await here.begin()
            await here.revocations.revoke_token(here.sessions.check(tokens.access))
            await here.pass_s(ACCESS_S)
            assert len(here.revocations) == 1
            await here.pass_s(LEEWAY_S + 1)
            assert len(here.revocations) == 0

        self.run(place, keys, scene)

    def test_a_desk_that_starts_later_reads_what_it_missed(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, _: Desk) -> None:
            tokens = await here.begin()
            await here.sessions.end(here.sessions.check(tokens.access))
            late = Desk(self.store(place, here.clock), here.clock, keys)
            await late.revocations.look()
            assert refused(late, tokens.access) is Reason.REVOKED
            await late.store.close()

        self.run(place, keys, scene)

    def test_a_desk_that_watches_hears_of_it_by_itself(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            tokens = await here.begin()
            watching = asyncio.create_task(there.revocations.watch())
            await here.sessions.end(here.sessions.check(tokens.access))
            await until(lambda: refused(there, tokens.access) is Reason.REVOKED)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

        self.run(place, keys, scene)

    def test_names_from_outside_are_only_names(self, place: Path, keys: SigningKeys) -> None:
        async def scene(here: Desk, there: Desk) -> None:
            for name in ("a'; DROP TABLE revoked; --", "a\r\nFLUSHALL\r\n", "x:y|z", "é☃", "\x00", "*"):
                here.roles[name] = "trader"
                tokens = await here.begin(name)
                await here.revocations.revoke_user(name)
                await there.revocations.look()
                assert refused(there, tokens.access) is Reason.REVOKED
                assert refused(there, (await there.begin("bob")).access) is None

        self.run(place, keys, scene)

    def test_a_desk_that_has_not_looked_for_too_long_lets_nobody_in(
        self, place: Path, keys: SigningKeys
    ) -> None:
        async def scene(here: Desk, _: Desk) -> None:
            tokens = await here.begin()
            here.clock.advance_to(here.clock.now_ns() + int((BLIND_S + 1) * NS_PER_S))
            with pytest.raises(RevocationsUnknown):
                here.sessions.check(tokens.access)
            assert here.sessions.check(tokens.access, way_out=True).sub == "ada"
            lax = Revocations(here.store, here.clock, production=False)
            lax.check(here.verifier.claims_of(tokens.access, Kind.ACCESS))
            assert lax.unchecked == 1
            await here.revocations.look()
            assert refused(here, tokens.access) is None

        self.run(place, keys, scene)
