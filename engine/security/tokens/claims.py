"""What a token says, each claim required and of its type (RFC 7519)."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Annotated, Final

from msgspec import Meta, Struct

from engine.security.tokens.lives import ACCESS_S, REFRESH_S

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Second = Annotated[int, Meta(ge=0, lt=2**53)]
"""Since the epoch, UTC."""


@unique
class Kind(StrEnum):
    """What a token is for."""

    ACCESS = "access"
    REFRESH = "refresh"


LIFE_MAX_S: Final = {Kind.ACCESS: ACCESS_S, Kind.REFRESH: REFRESH_S}


class Claims(Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of both kinds of token."""

    iss: Name
    aud: Name
    typ: Kind
    sub: Name
    """The operator."""
    role: Name
    jti: Name
    fam: Name
    """Names the sign-in that all tokens which came of it share."""
    iat: Second
    exp: Second
