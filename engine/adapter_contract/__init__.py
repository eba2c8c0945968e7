"""What every adapter promises, as tests that an adapter's own tests inherit: `docs/adapters.md` says how.

Nothing of the program imports it, and it alone needs pytest.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "engine.adapter_contract.broker_contract",
    "engine.adapter_contract.pair_contract",
    "engine.adapter_contract.source_contract",
)
