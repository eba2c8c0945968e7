"""The engine: market, risk, orders and portfolio, without a screen."""

from engine.compiled import use

use()
