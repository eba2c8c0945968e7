"""What an HTTP answer says of a limit (draft-ietf-httpapi-ratelimit-headers-10, and RFC 9110, 10.2.3)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.security.rates.limit import Decision, Limit


def rate_fields(decision: Decision, limits: Iterable[Limit]) -> dict[str, str]:
    """Return the header fields of an answer, refused or not; a wait is told in whole seconds, rounded up."""
    fields = {
        "RateLimit-Policy": ", ".join(
            f'"{limit.name}";q={limit.quota};w={limit.window_s}' for limit in limits
        ),
    }
    if decision.is_counted:
        standing = f"r={decision.remaining};t={math.ceil(decision.full_s)}"
        fields["RateLimit"] = f'"{decision.limit.name}";{standing}'
    if not decision.passes:
        fields["Retry-After"] = str(max(1, math.ceil(decision.wait_s)))
    return fields
