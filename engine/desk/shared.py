"""Everything that desks keep in the Redis they share, over one way to it."""

from __future__ import annotations

from collections.abc import Callable

from engine.desk.redis_firm import RedisFirm
from engine.desk.redis_link import RedisLink
from engine.desk.redis_presence import RedisPresence


class SharedRedis:
    """The kill switch and the desks that there are; belongs to the loop that asks first."""

    def __init__(self, link: RedisLink, now_ns: Callable[[], int]) -> None:
        """Take the way there, and the world's time."""
        self.link = link
        self.firm = RedisFirm(link, now_ns)
        self.presence = RedisPresence(link)
