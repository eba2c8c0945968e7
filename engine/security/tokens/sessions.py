"""What a sign-in leads to: two tokens, turned into the next two again and again, until it is over.

A refresh token is used once (RFC 9700, 4.14.2). One that comes a second time was copied, by whom can't be known: all that came
of that sign-in is over at once. Two refreshes at the same moment are such a case too; one of them is answered, and both
have to sign in again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from engine.ports.revocations import Turn
from engine.security.tokens.claims import Claims, Kind
from engine.security.tokens.mint import Mint, new_id
from engine.security.tokens.refusal import Reason, TokenRefused
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.verifier import Verifier


class Tokens(Struct, frozen=True):
    """What a client is given."""

    access: str
    refresh: str
    access_end_s: int
    refresh_end_s: int

    def __repr__(self) -> str:
        """Tell when they end, never the tokens."""
        return f"Tokens(access_end_s={self.access_end_s}, refresh_end_s={self.refresh_end_s})"


class Sessions:
    """Issues, turns, checks and ends the tokens of sign-ins."""

    def __init__(
        self,
        mint: Mint,
        verifier: Verifier,
        revocations: Revocations,
        role_of: Callable[[str], Awaitable[str | None]],
    ) -> None:
        """Tie them together; `role_of` tells the role a user has now, None of one who may not sign in."""
        self._mint = mint
        self._verifier = verifier
        self._revocations = revocations
        self._role_of = role_of

    async def begin(self, user: str) -> Tokens:
        """Issue the tokens of a user who has just proved who they are.

        Raises:
            TokenRefused: there is no such user, or their tokens were revoked a moment ago: some seconds later it works.
            RevocationsUnknown: what was revoked is not known, in production.
            TransientError: the sign-in can't be kept.
        """
        refresh, access = await self._pair(user, new_id(), None)
        self._revocations.check(refresh)
        await self._revocations.begin_family(refresh)
        return self._signed(refresh, access)

    async def turn(self, token: str) -> Tokens:
        """Issue the next two tokens for a refresh token, with the role that its user has now.

        Raises:
            TokenRefused: it is none, it is over, or it was used before.
            RevocationsUnknown: what was revoked is not known, in production.
            TransientError: the turn can't be kept; the token may be spent.
        """
        spent = self._verifier.claims_of(token, Kind.REFRESH)
        self._revocations.check(spent)
        refresh, access = await self._pair(spent.sub, spent.fam, spent.exp)
        turn = await self._revocations.turn_family(spent, refresh)
        if turn is not Turn.TURNED:
            raise TokenRefused(Reason.REPLAYED if turn is Turn.REPLAYED else Reason.REVOKED)
        return self._signed(refresh, access)

    def check(self, token: str, *, way_out: bool = False) -> Claims:
        """Return what an access token says, if it stands now; ask this again for every message of an open socket.

        For the way out it stands as far as is known here, whether or not others can be asked.

        Raises:
            TokenRefused: it opens nothing.
            RevocationsUnknown: what was revoked is not known, in production.
        """
        claims = self._verifier.claims_of(token, Kind.ACCESS)
        self._revocations.check(claims, way_out=way_out)
        return claims

    async def end(self, claims: Claims) -> None:
        """Sign out: all that came of the same sign-in is over; raises TransientError where others can't be told."""
        await self._revocations.revoke_family(claims)

    async def _pair(self, user: str, family: str, end_s: int | None) -> tuple[Claims, Claims]:
        role = await self._role_of(user)
        if role is None:
            raise TokenRefused(Reason.OPERATOR)
        refresh = self._mint.claims(Kind.REFRESH, user, role, family, end_s)
        return refresh, self._mint.claims(Kind.ACCESS, user, role, family, refresh.exp)

    def _signed(self, refresh: Claims, access: Claims) -> Tokens:
        return Tokens(self._mint.signed(access), self._mint.signed(refresh), access.exp, refresh.exp)
