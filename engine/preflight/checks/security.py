"""Secrets, sign-in, tokens, the shared Redis and limits."""

from __future__ import annotations

from typing import Final

from engine.messages.redis_findings import Finding, Verdict
from engine.preflight.checks.check import Check, Checks, documented
from engine.preflight.facts import Facts, Trials
from engine.preflight.found import Found, failed, idle, judged, passed

COST_MIN: Final = 12
SIGNING_BITS_MIN: Final = 100.0
"""Of 32 bytes; random ones have about 155, a byte that repeats has none."""
ACCESS_S_MAX: Final = 900
TRIES_MAX: Final = 30
_KEYS = "touchline setup makes them"
_ALONE = "no Redis is named: this desk shares nothing"


def _no_weak_secrets(facts: Facts) -> Found:
    if trouble := facts.example_trouble or facts.settings_trouble:
        return failed(trouble, "take it out of the file; touchline credentials add keeps secrets")
    return passed("neither docs/config.example.toml nor the settings hold a secret")


def _secret_manager(facts: Facts) -> Found:
    keys = facts.keys
    if facts.stray:
        return failed(facts.stray, "unset it; touchline credentials add keeps secrets")
    if keys.trouble:
        return facts.missing(keys.trouble, "touchline keys list says more")
    if facts.settings.credentials.key_file or facts.settings.backup.key_file:
        return facts.missing("a key file is named, which is not encrypted", "[vault] file, or the keyring")
    return passed(f"secrets are in {keys.place}; none in an environment variable")


def _passwords(facts: Facts) -> Found:
    found = facts.operators
    if found.trouble:
        return failed(found.trouble, "touchline operators list says more")
    if not found.count:
        return facts.missing("there are no operators: nobody signs in", "touchline setup")
    told = f"{found.count} operators, bcrypt at cost {found.cost_min} or more"
    return judged(
        well=found.cost_min >= COST_MIN,
        evidence=told,
        remedy="touchline operators password NAME, for each",
    )


def _signing_key(facts: Facts) -> Found:
    keys = facts.keys
    if keys.trouble:
        return facts.missing(keys.trouble, "touchline keys list says more")
    if keys.signing_trouble:
        return failed(keys.signing_trouble, "touchline keys rotate signing")
    if not keys.signing:
        return facts.missing("there is no key that signs tokens", _KEYS)
    told = f"{keys.signing}: Ed25519, 32 bytes, {keys.signing_bits:.0f} bits, in {keys.place}"
    return judged(
        well=keys.signing_bits >= SIGNING_BITS_MIN, evidence=told, remedy="touchline keys rotate signing"
    )


def _tried(judge: Check) -> Check:
    """Return a check that says so where what it judges could not be tried."""

    def check(facts: Facts) -> Found:
        if facts.trials.trouble:
            return failed(f"it could not be tried: {facts.trials.trouble}", "touchline preflight once more")
        return judge(facts)

    return check


def _of_trials(facts: Facts, evidence: str, *, well: bool) -> Found:
    del facts
    return judged(well=well, evidence=f"tried: {evidence}", remedy="this version is not fit; install another")


def _sign_in_limited(facts: Facts) -> Found:
    tried: Trials = facts.trials
    told = f"{tried.tried} sign-ins at once were let through, {tried.quota} in a minute"
    return _of_trials(facts, told, well=0 < tried.tried <= tried.quota <= TRIES_MAX)


def _locks(facts: Facts) -> Found:
    tried = facts.trials
    kept = "kept over a restart" if tried.survives else "forgotten by a restart"
    told = f"locked for {tried.locked_s} s after {tried.failures} failures, {kept}"
    return _of_trials(facts, told, well=(tried.failures, tried.locked_s, tried.survives) == (5, 300, True))


def _failures_noted(facts: Facts) -> Found:
    if facts.audit.trouble:
        return failed(facts.audit.trouble, "touchline audit verify")
    counted = "touchline_sign_in_failures_total" in facts.metric_names
    told = f"a failed sign-in was noted; {facts.audit.entries:,} entries of the audit log are whole"
    well = facts.trials.noted and counted
    return _of_trials(facts, told if well else "a failed sign-in was not noted or not counted", well=well)


def _revocable(facts: Facts) -> Found:
    well = facts.trials.revoked
    return _of_trials(facts, "a token that was revoked opened nothing" if well else "it opened", well=well)


def _access_life(facts: Facts) -> Found:
    life_s = facts.trials.access_s
    return _of_trials(facts, f"an access token lives {life_s} s", well=0 < life_s <= ACCESS_S_MAX)


def _replay(facts: Facts) -> Found:
    well = facts.trials.family_ended
    said = "ended all that came of its sign-in" if well else "ended nothing"
    return _of_trials(facts, f"a refresh token that came twice {said}", well=well)


def _revoked_refused(facts: Facts) -> Found:
    if facts.settings.redis.address and facts.redis_trouble:
        return failed(facts.redis_trouble, "touchline redis check")
    where = "Redis" if facts.settings.redis.address else "SQLite"
    return _of_trials(facts, f"revoked tokens were refused; kept in {where}", well=facts.trials.revoked)


def _pinned(facts: Facts) -> Found:
    found = facts.trials.foreign_refused
    taken = [name for name, refused in found.items() if not refused]
    told = f"another {', '.join(taken or found)} was {'taken' if taken else 'refused'}"
    return _of_trials(facts, told, well=bool(found) and not taken)


def _of_redis(judge: Check) -> Check:
    """Return a check of the Redis that is shared; where none is, it concerns nobody."""

    def check(facts: Facts) -> Found:
        if not facts.settings.redis.address:
            return idle(_ALONE)
        if facts.redis_trouble:
            return failed(facts.redis_trouble, "touchline redis check")
        return judge(facts)

    return check


def redis_findings(*names: str) -> Check:
    """Return a check of what `touchline redis check` finds under these names."""

    def judge(facts: Facts) -> Found:
        wanted = [each for each in facts.redis if each.name in names]
        wrong = [each for each in wanted if each.verdict is Verdict.CHANGE]
        told = "; ".join(_told(each) for each in (wrong or wanted))
        if not wanted:
            return failed(f"nothing was found of {', '.join(names)}", "touchline redis check")
        lines = "; ".join(each.line for each in wrong if each.line)
        return judged(
            well=not wrong, evidence=told, remedy=f"redis.conf: {lines}" if lines else "touchline redis check"
        )

    return _of_redis(judge)


def _told(finding: Finding) -> str:
    return f"{finding.name} ({finding.found})"


def _redis_password(facts: Facts) -> Found:
    found = redis_findings("password")(facts)
    if weakness := facts.keys.redis_weakness:
        return failed(f"the password of Redis is easily guessed, for {weakness}", "touchline redis add")
    return found


def _pooled(facts: Facts) -> Found:
    redis = facts.settings.redis
    well = 0 < redis.connections_max <= 256 and 0 < redis.timeout_ms <= 10_000
    told = f"at most {redis.connections_max} connections, {redis.timeout_ms} ms for an answer"
    return judged(
        well=well,
        evidence=told,
        remedy="[redis] connections_max of 1 to 256, timeout_ms of 1 to 10000",
    )


def _fails_closed(facts: Facts) -> Found:
    if facts.settings.redis.lost == "go-on":
        return facts.missing('redis.lost is "go-on"', '[redis] lost = "reduce"')
    if not facts.production:
        return facts.missing(
            "not production: what Redis can't count passes with a warning", "ENVIRONMENT=production"
        )
    return passed(f"production refuses what Redis can't count; orders {facts.settings.redis.lost} without it")


def _rates_by_kind(facts: Facts) -> Found:
    kinds = {"auth", "data", "orders", "admin"}
    told = ", ".join(f"{kind} {user}" for kind, (user, _) in facts.trials.rates.items())
    return _of_trials(facts, f"in a minute: {told}", well=kinds <= facts.trials.rates.keys())


def _sockets(facts: Facts) -> Found:
    user, _, everyone = facts.trials.sockets
    well = 0 < user <= everyone <= 1_024 and "messages" in facts.trials.rates
    return _of_trials(facts, f"{user} WebSockets of a user, {everyone} in all were let through", well=well)


def _admins_higher(facts: Facts) -> Found:
    lower = [k for k, (user, admin) in facts.trials.rates.items() if k != "auth" and admin <= user]
    told = f"not higher: {', '.join(lower)}" if lower else "every kind but sign-in has more for an admin"
    return _of_trials(facts, told, well=bool(facts.trials.rates) and not lower)


def _rate_fields(facts: Facts) -> Found:
    found = facts.trials.rate_fields
    wanted = {"RateLimit", "RateLimit-Policy", "Retry-After"}
    return _of_trials(facts, f"a refusal carried {', '.join(found) or 'nothing'}", well=wanted <= set(found))


_TRIED: Checks = {
    "AUTH-1": _sign_in_limited,
    "AUTH-2": _locks,
    "AUTH-3": _failures_noted,
    "AUTH-4": _revocable,
    "JWT-1": _access_life,
    "JWT-2": _replay,
    "JWT-3": _revoked_refused,
    "JWT-4": _pinned,
    "RATE-1": _rates_by_kind,
    "RATE-2": _sockets,
    "RATE-3": _admins_higher,
    "RATE-4": _rate_fields,
}
CHECKS: Final[Checks] = {
    "SEC-1": _no_weak_secrets,
    "SEC-2": _secret_manager,
    "SEC-3": _passwords,
    "SEC-4": _signing_key,
    "SEC-5": documented("runbooks/rotate-keys.md", "touchline keys rotate"),
    **{name: _tried(judge) for name, judge in _TRIED.items()},
    "RED-1": redis_findings("answer", "password", "user", "encryption"),
    "RED-2": _of_redis(_redis_password),
    "RED-3": _of_redis(_pooled),
    "RED-4": _of_redis(_fails_closed),
}
