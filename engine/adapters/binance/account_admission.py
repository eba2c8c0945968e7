"""The way to an account at Binance: its user data, and proof that it is the right account and may trade."""

from __future__ import annotations

import asyncio

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.parse import LABEL
from engine.adapters.binance.stock import Stocktaker
from engine.adapters.binance.user_stream import RETRY_S_MAX, SILENCE_S, UserStream
from engine.adapters.rest.admission import ASK_AGAIN_S, Admission, Proof, Traveller
from engine.clock import Clock
from engine.errors import AdapterError, DataError
from engine.transport.stream import Stream


class AccountAdmission(Admission[m.Execution]):
    """Leads to the account that a key belongs to; `uid` is the number that it must have, nothing takes any."""

    label = LABEL

    def __init__(
        self,
        url: str,
        requests: AccountRequests,
        clock: Clock,
        *,
        uid: str = "",
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
    ) -> None:
        super().__init__()
        self._uid = uid
        self._requests = requests
        self._user_stream = UserStream(requests.signer, self)
        self.stream = Stream(
            url,
            requests.account_circuit,
            clock,
            self._user_stream,
            silence_s=silence_s,
            retry_s_max=retry_s_max,
        )
        self._user_stream.stream = self.stream
        self._stocktaker: Stocktaker | None = None

    def attend(self, traveller: Traveller[m.Execution], stocktaker: Stocktaker) -> None:
        """Lead somebody to the account that a stocktaker reads."""
        self._traveller, self._stocktaker = traveller, stocktaker

    def mistimed(self) -> None:
        """Measure the time, and ask for the events once more."""
        assert self._tasks is not None
        self._checking = self._tasks.create_task(self._ask_in_time())

    async def _ask_in_time(self) -> None:
        try:
            await self._requests.measure()
        except (AdapterError, DataError) as error:
            self._close(str(error))
        else:
            self._user_stream.subscribe()
            return
        await asyncio.sleep(ASK_AGAIN_S)
        self.stream.renew("the venue's time could not be measured")

    async def _prove(self) -> Proof:
        assert self._stocktaker is not None
        await self._requests.measure()
        await self._stocktaker.learn_limits()
        account = await self._stocktaker.account()
        trouble = "" if account.can_trade else "Binance does not let the account trade"
        return Proof(self._wrong(account), trouble)

    def _wrong(self, account: m.AccountText) -> str:
        if not self._uid or str(account.uid) == self._uid:
            return ""
        return f"the key is of account {account.uid}, venues.binance.account is {self._uid}"
