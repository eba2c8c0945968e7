"""Where the Redis is that several desks share."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

CREDENTIAL: Final = "redis"
"""Under which name its user and password are kept."""


class RedisSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The Redis that several desks share; its user and password are a credential, never a setting."""

    address: str = ""
    """`tls:host:6380`, on this machine also `tcp:127.0.0.1:6379` or `unix:/path`; several with a comma between. Empty:
    nothing is shared."""
    kind: Literal["server", "sentinel", "cluster"] = "server"
    """What is at the address: the server, the Sentinels that know it, or nodes of a Cluster."""
    master: str = "desk"
    """Under which name the Sentinels know it."""
    ca_file: str = ""
    """Certificates that its own must come from; empty: those of this machine."""
    prefix: str = "desk"
    """Begins the name of every key and channel; desks of one prefix share."""
    connections_max: int = 16
    timeout_ms: int = 250
    """How long a question may take, from the wait for a connection to the whole answer."""
    lease_s: float = 3.0
    """How long an account at a broker is one desk's without word from it; 0: nobody else has it, and nothing is asked."""
    desk: str = ""
    """What the other desks call this one; no two may have one name. Empty: the machine's name and the account's."""
    lost: Literal["halt", "reduce", "go-on"] = "reduce"
    """What orders may do while the other desks can't be heard; `go-on` is refused in production."""
    share_quotes: bool = False
    """Whether the other desks may follow this one's live market."""
