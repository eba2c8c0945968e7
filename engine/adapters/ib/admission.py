"""The way to an account: the connection for its orders, and proof that it is the right account."""

from __future__ import annotations

from engine.adapters.ib.link import IbLink
from engine.adapters.rest.admission import Admission as AnyAdmission
from engine.adapters.rest.admission import Proof, Traveller
from engine.model.text import clean

PAPER = "D"
"""How the numbers of paper accounts begin."""


class Admission(AnyAdmission[None]):
    """Leads to one of the accounts that the gateway is logged in to."""

    label = "Interactive Brokers"

    def __init__(self, link: IbLink, wanted: str, *, live: bool) -> None:
        super().__init__()
        self.stream = self._link = link
        self.number = ""
        """The account's number, once it is known."""
        self._wanted = wanted
        self._live = live

    def attend(self, traveller: Traveller[None]) -> None:
        """Lead somebody there."""
        self._traveller = traveller

    async def _prove(self) -> Proof:
        accounts = self._link.accounts
        told = clean(", ".join(accounts), 80)
        number = self._wanted or (accounts[0] if len(accounts) == 1 else "")
        if not number:
            return Proof(f"the gateway has the accounts {told}: say which in venues.ib.account")
        if number not in accounts:
            return Proof(f"the gateway has the account {told}, venues.ib.account is {clean(number, 32)}")
        if number.startswith(PAPER) is self._live:
            kind, wanted = ("a paper", "a live") if self._live else ("a live", "a paper")
            return Proof(
                f"{clean(number, 32)} is {kind} account, and account.live says that it is {wanted} one"
            )
        self.number = number
        return Proof()
