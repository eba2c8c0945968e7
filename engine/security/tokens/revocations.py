"""Which tokens are over before their time.

Every token is judged in memory, without a question to anybody. What another desk revokes comes with the store's news, or at the
latest with the next look at all it holds: a message that is lost costs a second. What was heard once is kept here until it is
over, whatever the store loses.
"""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.errors import TransientError
from engine.model.text import clean
from engine.ports.revocations import RevocationStore, Revoked, Turn, What
from engine.security.tokens.claims import Claims
from engine.security.tokens.lives import LEEWAY_S, REFRESH_S
from engine.security.tokens.refusal import Reason, RevocationsUnknown, TokenRefused

LOOK_S: Final = 1.0
"""How often the store is looked at, whether there was news or not."""
BLIND_S: Final = 3.0
"""How old the last look may be before nothing is known any more."""
AHEAD_S: Final = LEEWAY_S + int(LOOK_S)
"""So much later than now a token must begin to stand after its user's were revoked: another desk's clock may be ahead, and
it may not have heard yet."""


class Revocations:
    """Knows which tokens are over; tells the store, and hears from it."""

    def __init__(self, store: RevocationStore, clock: Clock, *, production: bool) -> None:
        self._store = store
        self._clock = clock
        self._production = production
        self._over: dict[tuple[What, str], int] = {}
        """Until when a token or a sign-in has to be remembered, seconds."""
        self._before: dict[tuple[What, str], Revoked] = {}
        self._version = ""
        self._looked_ns: int | None = None
        self.failures = 0
        """How often the store could not be looked at."""
        self.unchecked = 0
        """How often a token was taken although it could not be known whether it was revoked."""
        self.reason = ""
        """Why the store could not be looked at, the last time."""

    def __len__(self) -> int:
        """Return how many entries are held."""
        return len(self._over) + len(self._before)

    @property
    def is_blind(self) -> bool:
        """Whether what others revoked can't be known."""
        if self._looked_ns is None:
            return True
        return self._clock.monotonic_ns() - self._looked_ns > BLIND_S * NS_PER_S

    @property
    def everyone_before_s(self) -> int:
        """Until when issued the tokens of everyone are over, seconds since the epoch; 0 where they are not."""
        ended = self._before.get((What.EVERYONE, ""))
        return ended.before_s if ended is not None else 0

    def check(self, claims: Claims, *, way_out: bool = False) -> None:
        """Look whether a token still stands; for the way out it does as far as is known here.

        Raises:
            TokenRefused: it was revoked.
            RevocationsUnknown: nobody can say, and this is production.
        """
        if self._is_over(claims):
            raise TokenRefused(Reason.REVOKED)
        if not self.is_blind:
            return
        if self._production and not way_out:
            raise RevocationsUnknown(
                f"what was revoked is not known: {self.reason or 'it was not looked at yet'}"
            )
        self.unchecked += 1

    async def revoke_token(self, claims: Claims) -> None:
        """End one token; what can't be kept raises TransientError, and holds on this desk alone."""
        await self._revoke(Revoked(What.TOKEN, claims.jti, claims.exp + LEEWAY_S))

    async def revoke_family(self, claims: Claims) -> None:
        """End all that came of the sign-in of a token; raises like `revoke_token`."""
        await self._revoke(self.of_family(claims.fam))

    async def revoke_user(self, user: str) -> None:
        """End all tokens of a user that were issued until now; raises like `revoke_token`."""
        await self._revoke(Revoked(What.USER, user, self._last_s(), self._now_s() + AHEAD_S))

    async def revoke_everyone(self) -> None:
        """End all tokens that were issued until now; raises like `revoke_token`."""
        await self._revoke(Revoked(What.EVERYONE, "", self._last_s(), self._now_s() + AHEAD_S))

    async def begin_family(self, refresh: Claims) -> None:
        """Keep the first refresh token of a sign-in; raises TransientError."""
        await self._store.begin_family(refresh.fam, refresh.jti, refresh.exp)

    async def turn_family(self, spent: Claims, fresh: Claims) -> Turn:
        """Let a fresh refresh token take the place of one that is spent; raises TransientError."""
        ended = self.of_family(spent.fam)
        turn = await self._store.turn_family(spent.fam, spent.jti, fresh.jti, ended)
        if turn is Turn.REPLAYED:
            self._hold(ended)
        return turn

    def of_family(self, family: str) -> Revoked:
        """Return what ends all that came of a sign-in."""
        return Revoked(What.FAMILY, family, self._last_s())

    async def look(self) -> None:
        """Learn what the store holds; where it can't be asked, count it."""
        try:
            found = await self._store.read(self._version)
        except TransientError as error:
            self.failures += 1
            self.reason = clean(str(error))
            return
        if found is not None:
            for entry in found.entries:
                self._hold(entry)
            self._version = found.version
        self._looked_ns = self._clock.monotonic_ns()
        self._forget()

    async def watch(self) -> None:
        """Look again whenever there is news, and once a second, until it is cancelled."""
        while True:
            await self.look()
            await self._store.news(LOOK_S)

    async def _revoke(self, entry: Revoked) -> None:
        self._hold(entry)
        await self._store.add([entry])

    def _hold(self, entry: Revoked) -> None:
        key = (entry.what, entry.name)
        if entry.what in {What.TOKEN, What.FAMILY}:
            self._over[key] = max(entry.until_s, self._over.get(key, 0))
        else:
            known = self._before.get(key)
            self._before[key] = entry if known is None else max(known, entry, key=lambda each: each.before_s)

    def _is_over(self, claims: Claims) -> bool:
        if (What.TOKEN, claims.jti) in self._over or (What.FAMILY, claims.fam) in self._over:
            return True
        by_time = (self._before.get((What.USER, claims.sub)), self._before.get((What.EVERYONE, "")))
        return any(entry is not None and claims.iat <= entry.before_s for entry in by_time)

    def _forget(self) -> None:
        now_s = self._now_s()
        self._over = {key: until_s for key, until_s in self._over.items() if until_s > now_s}
        self._before = {key: entry for key, entry in self._before.items() if entry.until_s > now_s}

    def _now_s(self) -> int:
        return self._clock.now_ns() // NS_PER_S

    def _last_s(self) -> int:
        """Return when every token that is there now is over."""
        return self._now_s() + AHEAD_S + REFRESH_S + LEEWAY_S
