"""Tries sign-in, lockout, tokens and limits for real, with keys, files and a clock that are thrown away afterwards."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import EngineError
from engine.model.redaction import redacted
from engine.ports.secrets import Secrets
from engine.preflight.facts import Trials
from engine.security.audit.entry import Act
from engine.security.operators.database import OperatorFile
from engine.security.operators.lockout import LockedOut, Lockout
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.operators.sign_in import SignIn, SignInRefused
from engine.security.rates.connections import Connections, NoConnectionFree
from engine.security.rates.fields import rate_fields
from engine.security.rates.limiter import Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.rates.table import ADMIN_ROLE, TABLE, Kind, limits_of
from engine.security.tokens.claims import Kind as Token
from engine.security.tokens.keys import SigningKeys, new_signing_keys
from engine.security.tokens.mint import Mint
from engine.security.tokens.refusal import TokenRefused
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sessions import Sessions
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.security.tokens.verifier import Verifier

_BEGAN_NS: Final = 1_800_000_000 * NS_PER_S
_TRIES: Final = 200
_COST: Final = 4
"""Of bcrypt: nothing is kept, so nothing has to be hard to guess."""
_WHO, _WHERE = "trial", "trial"
_PLANTED: Final = "planted-7f3a9c51e2"
_ISSUER, _AUDIENCE = "trial issuer", "trial audience"


class _NoSecrets:
    """Keeps nothing: nobody in a trial has a code."""

    place = "nowhere"

    def get(self, name: str) -> bytes | None:  # noqa: ARG002  # the port's own
        return None

    def set(self, name: str, value: bytes) -> None:
        """Keep nothing."""

    def delete(self, name: str) -> None:
        """Forget nothing."""


async def trials() -> Trials:
    """Try everything; what can't be tried at all is told as trouble."""
    try:
        with TemporaryDirectory(prefix="touchline-trial-") as scratch:
            return await _tried(Path(scratch))
    except (EngineError, OSError) as error:
        return Trials(trouble=str(error))


async def _tried(scratch: Path) -> Trials:
    clock = SimulatedClock(_BEGAN_NS)
    failures, locked_s, survives, noted = _lock(scratch / "operators.sqlite3", clock)
    access_s, revoked, family_ended = await _tokens(scratch / "revocations.sqlite3", clock)
    let_through, fields = await _rates(clock)
    return Trials(
        quota=TABLE[Kind.AUTH].user,
        tried=let_through,
        failures=failures,
        locked_s=locked_s,
        survives=survives,
        noted=noted,
        access_s=access_s,
        revoked=revoked,
        family_ended=family_ended,
        foreign_refused=_foreign(clock),
        rates={kind.value: (quotas.user, quotas.admin) for kind, quotas in TABLE.items()},
        sockets=(_sockets("user", ""), _sockets("admin", ADMIN_ROLE), _sockets("", "")),
        rate_fields=fields,
        redacts=_PLANTED not in redacted(f"password={_PLANTED} rediss://desk:{_PLANTED}@host"),
    )


def _lock(path: Path, clock: SimulatedClock) -> tuple[int, int, bool, bool]:
    """Fail until the account waits; return after how many, for how long, whether a restart knows, and what was noted."""
    acts: list[Act] = []
    register = Register(OperatorFile(path), clock, _COST)
    register.add(_WHO, Role.ADMIN, "long Winter walks by 8 rivers")
    secrets: Secrets = _NoSecrets()
    sign_in = SignIn(register, secrets, clock, acts.append)
    failures = 0
    with suppress(LockedOut):
        for failures in range(_TRIES):  # noqa: B007  # how far it came is what is asked
            with suppress(SignInRefused):
                sign_in.attempt(_WHO, "not the password", "", _WHERE)
    locked_s = Lockout(OperatorFile(path), clock).locked_s(_WHO)
    again = SignIn(Register(OperatorFile(path), clock, _COST), secrets, clock, acts.append)
    try:
        again.attempt(_WHO, "long Winter walks by 8 rivers", "", _WHERE)
    except LockedOut:
        survives = True
    except SignInRefused:
        survives = False
    else:
        survives = False
    return failures, locked_s, survives, any(act.what == "sign-in-failed" for act in acts)


async def _tokens(path: Path, clock: SimulatedClock) -> tuple[int, bool, bool]:
    """Return how long an access token lives, whether a revoked one is refused, and a refresh token that comes twice."""
    keys = new_signing_keys()
    verifier = Verifier(lambda: keys, clock, issuer=_ISSUER, audience=_AUDIENCE)
    store = SqliteRevocations(path, clock)
    revocations = Revocations(store, clock, production=True)

    async def role_of(_: str) -> str:
        return "trader"

    try:
        mint = Mint(lambda: keys, clock, issuer=_ISSUER, audience=_AUDIENCE)
        sessions = Sessions(mint, verifier, revocations, role_of)
        await revocations.look()
        first = await sessions.begin(_WHO)
        claims = sessions.check(first.access)
        await revocations.revoke_token(claims)
        revoked = _is_refused(sessions, first.access)
        second = await sessions.turn(first.refresh)
        with suppress(TokenRefused):
            await sessions.turn(first.refresh)
        return claims.exp - claims.iat, revoked, _is_refused(sessions, second.access)
    finally:
        await store.close()


def _is_refused(sessions: Sessions, token: str) -> bool:
    try:
        sessions.check(token)
    except TokenRefused:
        return True
    return False


def _foreign(clock: SimulatedClock) -> dict[str, bool]:
    """Return whether tokens of another issuer, audience, key or algorithm open nothing."""
    keys, others = new_signing_keys(), new_signing_keys()
    verifier = Verifier(lambda: keys, clock, issuer=_ISSUER, audience=_AUDIENCE)

    def refused(token: str) -> bool:
        try:
            verifier.claims_of(token, Token.ACCESS)
        except TokenRefused:
            return True
        return False

    good = _signed(keys, clock)
    return {
        "issuer": refused(_signed(keys, clock, issuer="another")),
        "audience": refused(_signed(keys, clock, audience="another")),
        "key": refused(_signed(others, clock)),
        "algorithm": refused(_without_algorithm(good)) and not refused(good),
    }


def _signed(
    keys: SigningKeys, clock: SimulatedClock, *, issuer: str = _ISSUER, audience: str = _AUDIENCE
) -> str:
    mint = Mint(lambda: keys, clock, issuer=issuer, audience=audience)
    return mint.signed(mint.claims(Token.ACCESS, _WHO, "trader", "family"))


def _without_algorithm(token: str) -> str:
    """Return a token as those forge it who hope that its header is believed."""
    header = urlsafe_b64encode(msgspec.json.encode({"alg": "none", "typ": "JWT", "kid": "x"})).rstrip(b"=")
    return f"{header.decode()}.{token.split('.')[1]}.x"


async def _rates(clock: SimulatedClock) -> tuple[int, tuple[str, ...]]:
    """Return how many sign-ins at once are let through, and what the refusal after them says."""
    limiter = Limiter(MemoryRates(clock), MemoryRates(clock), production=True)
    for let_through in range(_TRIES):
        decision = await limiter.decide(Kind.AUTH, _WHERE, "")
        if not decision.passes:
            return let_through, tuple(rate_fields(decision, limits_of(Kind.AUTH, "")))
    return _TRIES, ()


def _sockets(user: str, role: str) -> int:
    """Return how many WebSockets of one user are let through, or of many where none is named."""
    connections, held = Connections(), []
    try:
        for number in range(10_000):
            one = connections.one(user or f"user {number}", role)
            one.__enter__()
            held.append(one)
    except NoConnectionFree:
        return len(held)
    finally:
        for one in held:
            one.__exit__(None, None, None)
    return len(held)
