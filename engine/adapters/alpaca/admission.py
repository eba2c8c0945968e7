"""The way to an account at Alpaca: the stream of its trade updates, and the number of the account."""

from __future__ import annotations

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.reading import blocked
from engine.adapters.alpaca.stock import Stocktaker
from engine.adapters.alpaca.updates import RETRY_S_MAX, SILENCE_S, Updates
from engine.adapters.rest.admission import Admission as AnyAdmission
from engine.adapters.rest.admission import Proof, Traveller
from engine.clock import Clock
from engine.model.text import clean
from engine.ports.secrets import Credential
from engine.transport.breaker import Breaker
from engine.transport.stream import Stream


class Admission(AnyAdmission[m.TradeUpdate]):
    """Leads to the account that a key belongs to."""

    label = "Alpaca"

    def __init__(
        self,
        url: str,
        circuit: Breaker,
        credential: Credential,
        clock: Clock,
        *,
        account_number: str = "",
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
    ) -> None:
        super().__init__()
        self._account_number = account_number
        self._updates = Updates(credential, self)
        self.stream = Stream(url, circuit, clock, self._updates, silence_s=silence_s, retry_s_max=retry_s_max)
        self._updates.stream = self.stream
        self._stocktaker: Stocktaker | None = None

    def attend(self, traveller: Traveller[m.TradeUpdate], stocktaker: Stocktaker) -> None:
        """Lead somebody to the account that a stocktaker reads."""
        self._traveller, self._stocktaker = traveller, stocktaker

    async def _prove(self) -> Proof:
        assert self._stocktaker is not None
        await self._stocktaker.measure()
        account = await self._stocktaker.account()
        return Proof(self._wrong(account), blocked(account))

    def _wrong(self, account: m.AccountText) -> str:
        number = account.account_number or ""
        if not self._account_number or number == self._account_number:
            return ""
        return f"the key is of account {clean(number, 32)}, venues.alpaca.account is {self._account_number}"
