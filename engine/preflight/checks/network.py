"""What the gateway shows, says and takes."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks.check import Check, Checks
from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, idle, judged, passed

DAYS_MIN: Final = 14
_HERE: Final = "only this machine reaches the gateway, and it shows no certificate"
_MADE: Final = "gateway.certificate_file and gateway.key_file, of an authority"


def _encrypted(judge: Check) -> Check:
    """Return a check of a gateway that is encrypted; one that only this machine reaches may be without."""

    def check(facts: Facts) -> Found:
        if facts.gateway.trouble:
            return failed(facts.gateway.trouble, _MADE)
        if not facts.settings.gateway.certificate_file and facts.gateway.is_here:
            return idle(f"{_HERE} ({facts.gateway.where})")
        if facts.certificate.told is None:
            return failed(facts.certificate.trouble or "there is no certificate", _MADE)
        return judge(facts)

    return check


def _certificate(facts: Facts) -> Found:
    told = facts.certificate.told
    assert told is not None
    if facts.certificate.trouble:
        return failed(facts.certificate.trouble, _MADE)
    days = told.days_left(facts.now_ns)
    evidence = f"{told.subject}, for {', '.join(told.names)}, {days} days left"
    if told.is_development:
        return facts.missing(f"{evidence}: made for development", _MADE)
    if strangers := [host for host in facts.settings.gateway.hosts if not _is_named(host, told.names)]:
        remedy = "a certificate that names it, or [gateway] hosts as the certificate has them"
        return failed(f"{evidence}: it does not name {', '.join(strangers)}", remedy)
    return judged(well=days >= DAYS_MIN, evidence=evidence, remedy="renew it; a listener takes it by itself")


def _is_named(host: str, names: tuple[str, ...]) -> bool:
    """Tell whether a certificate names a host, a star standing for its first label (RFC 6125)."""
    return host in names or f"*.{host.partition('.')[2]}" in names


def _hsts(facts: Facts) -> Found:
    told = facts.certificate.told
    assert told is not None
    said = _headers(facts).get("strict-transport-security", "")
    if said:
        return passed(f"Strict-Transport-Security: {said}")
    if told.is_development:
        return facts.missing("none, for the certificate is made for development", _MADE)
    return failed("answers carry no Strict-Transport-Security", "start the gateway anew")


def _redirect(facts: Facts) -> Found:
    port = facts.settings.gateway.redirect_port
    if not port:
        return facts.missing("gateway.redirect_port is 0", "[gateway] redirect_port = 8080")
    if facts.live is not None and not facts.live.redirect.startswith("https://"):
        return failed(
            f"port {port} leads to {facts.live.redirect or 'nothing'}", "start the gateway (touchline serve)"
        )
    return passed(f"plain HTTP on port {port} leads to HTTPS")


def _tls(facts: Facts) -> Found:
    found = facts.certificate.tls_min
    return judged(
        well=found in {"TLSv1_2", "TLSv1_3"},
        evidence=f"the oldest version is {found or 'not known'}",
        remedy="another build of Python's ssl",
    )


def _header(name: str, *wanted: str) -> Check:
    """Return a check of a header that every answer carries."""

    def check(facts: Facts) -> Found:
        said = _headers(facts).get(name.lower(), "")
        source = "answered" if facts.live is not None and facts.live.gateway_headers else "would answer"
        return judged(
            well=bool(said) and all(each in said for each in wanted),
            evidence=f"the gateway {source} {name}: {said or 'nothing'}",
            remedy="look for a proxy before the gateway that takes it away",
        )

    return check


def _headers(facts: Facts) -> dict[str, str]:
    """Return what a gateway that runs has answered, else what one would."""
    if facts.live is not None and facts.live.gateway_headers:
        return dict(facts.live.gateway_headers)
    return dict(facts.gateway.headers)


def _origins(facts: Facts) -> Found:
    origins, gateway = facts.settings.gateway.origins, facts.gateway
    if gateway.page_trouble:
        return failed(gateway.page_trouble, "[gateway] origins lists pages, each by its own name")
    if not gateway.stranger_refused:
        return failed("a page that is not listed was let in", "install another version")
    plain = [each for each in origins if not each.startswith("https://")]
    if plain and facts.strict:
        return failed(f"not encrypted: {', '.join(plain)}", "[gateway] origins with https:// alone")
    return passed(f"listed: {', '.join(origins) or 'no page'}; another one was refused")


def _credentials(facts: Facts) -> Found:
    said = facts.gateway.page.get("access-control-allow-credentials", "")
    return judged(
        well=not said and facts.gateway.page.get("access-control-allow-origin") != "*",
        evidence=f"a listed page is told: {', '.join(facts.gateway.page) or 'nothing'}; no cookies are used",
        remedy="install another version",
    )


def _asked_first(facts: Facts) -> Found:
    told = facts.gateway.asked_first
    return judged(
        well="access-control-allow-methods" in told and "*" not in told.values(),
        evidence=f"a page that asks first is told {', '.join(told.values()) or 'nothing'}",
        remedy="install another version",
    )


CHECKS: Final[Checks] = {
    "NET-1": _encrypted(_certificate),
    "NET-2": _encrypted(_hsts),
    "NET-3": _encrypted(_redirect),
    "NET-4": _encrypted(_tls),
    "NET-5": _header("Content-Security-Policy", "default-src 'none'", "frame-ancestors 'none'"),
    "NET-6": _header("X-Frame-Options", "DENY"),
    "NET-7": _header("X-Content-Type-Options", "nosniff"),
    "NET-8": _header("Referrer-Policy", "no-referrer"),
    "NET-9": _origins,
    "NET-10": _credentials,
    "NET-11": _asked_first,
}
