"""Who asks: the operator of a token that stands, who may ask this and not too often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.gateway.asking import Who
from engine.gateway.refusals import Code, Refused
from engine.gateway.routes import Route
from engine.security.operators.roles import Role
from engine.security.rates.fields import rate_fields
from engine.security.rates.limiter import Limiter
from engine.security.rates.table import Kind, limits_of
from engine.security.tokens.refusal import RevocationsUnknown, TokenRefused
from engine.security.tokens.sessions import Sessions

_BEARER: Final = "bearer "


class Door:
    """Lets a request in or not."""

    def __init__(self, sessions: Sessions, limiter: Limiter) -> None:
        self._sessions = sessions
        self._limiter = limiter

    async def admit(
        self, route: Route, headers: Mapping[bytes, bytes], address: str
    ) -> tuple[Who | None, dict[str, str]]:
        """Return who asks, None on a public route, and how the limits stand.

        A token that is refused counts for where it comes from: whoever guesses is slowed down.

        Raises:
            Refused: no token stands, it comes too often, or its role does not go so far.
        """
        if route.roles is None:
            return None, await self.count(route.kind, address, "")
        try:
            told = headers.get(b"authorization", b"").decode("latin-1")
            who = self.who(told, way_out=route.kind is Kind.WAY_OUT)
        except Refused:
            await self.count(Kind.DATA, address, "")
            raise
        rates = await self.count(route.kind, who.name, who.role)
        if who.role not in route.roles:
            raise Refused(
                Code.FORBIDDEN, f"{who.name} is {who.role}, and may not {route.does}", headers=rates
            )
        return who, rates

    def who(self, authorization: str, *, way_out: bool = False) -> Who:
        """Return whose token it is, as the header has it; the way out does not wait for what others know of it.

        Raises:
            Refused: it is none that stands, or nobody knows.
        """
        if authorization[: len(_BEARER)].lower() != _BEARER:
            raise Refused(Code.TOKEN)
        try:
            claims = self._sessions.check(authorization[len(_BEARER) :].strip(), way_out=way_out)
            return Who(claims.sub, Role(claims.role), claims)
        except (TokenRefused, ValueError):
            raise Refused(Code.TOKEN) from None
        except RevocationsUnknown:
            raise Refused(Code.UNAVAILABLE) from None

    async def count(self, kind: Kind, who: str, role: str) -> dict[str, str]:
        """Count a request, and return how the limits stand.

        Raises:
            Refused: it comes too often.
        """
        decision = await self._limiter.decide(kind, who, role)
        rates = rate_fields(decision, limits_of(kind, role))
        if not decision.passes:
            raise Refused(Code.RATE, headers=rates)
        return rates
