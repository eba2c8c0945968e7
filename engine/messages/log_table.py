"""Whose lines the log holds, and which lines there are: one table that the notes, the desk and the manual go by."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Component(StrEnum):
    """Who writes a line."""

    ENGINE = "engine"
    COMMANDS = "commands"
    RISK = "risk"
    ORDERS = "orders"
    BROKER = "broker"
    VENUE = "venue"
    LEDGER = "ledger"
    TRADING = "trading"
    DESKS = "desks"
    ALERTS = "alerts"
    GATEWAY = "gateway"
    LOG = "log"


EVENTS: Final = MappingProxyType(
    {
        "engine started": (Component.ENGINE, "The engine runs."),
        "engine stopped": (Component.ENGINE, "It ended in order."),
        "command": (Component.COMMANDS, "A command came from a key, a shell or a program."),
        "order denied": (Component.RISK, "Our gate said no; `reasons` has every rule and its sentence."),
        "amend denied": (Component.RISK, "Our gate refused new terms."),
        "order submitted": (Component.ORDERS, "The gate approved, and the journal has it as `record`."),
        "order changed": (Component.ORDERS, "An order moved to a status, or its terms changed."),
        "order filled": (Component.ORDERS, "Some of an order was traded."),
        "order sent": (Component.BROKER, "The order, new terms or a cancel was handed to the broker."),
        "venue call": (
            Component.VENUE,
            "A question to a venue came to its end; `failure` says why it has no answer.",
        ),
        "fill booked": (Component.LEDGER, "What is held now, after a fill."),
        "trading state": (Component.TRADING, "Trading was halted, reduced or resumed."),
        "armed": (Component.TRADING, "A person armed the account."),
        "disarmed": (Component.TRADING, "Only orders that reduce leave."),
        "every desk": (Component.DESKS, "Every desk was halted, reduced or resumed, here or elsewhere."),
        "alert": (Component.ALERTS, "What a person at the desk was told; `source` is who told it."),
        "request": (Component.GATEWAY, "A program asked, and was answered with `status`."),
        "fault": (Component.GATEWAY, "The program failed at a request."),
        "not in the audit log": (Component.GATEWAY, "An act could not be written to the audit log."),
        "chore failed": (Component.GATEWAY, "Something that the gateway does by itself ended."),
        "lines left out": (Component.LOG, "An event came too often; `count` lines of `of` are not here."),
        "entries dropped": (
            Component.LOG,
            "More came than may wait, or the disk refused: `count` lines are not here.",
        ),
    }
)
"""Every event by its name: whose it is, and what it says. What is left out of a storm is said in its own component's name."""
