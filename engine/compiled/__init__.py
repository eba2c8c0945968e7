"""Hot rooms compiled to C, where somebody built them (`make fast`); without them the source runs as it is."""

from engine.compiled.loading import state, use

__all__ = ["state", "use"]
