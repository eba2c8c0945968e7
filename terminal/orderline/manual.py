"""The grammar in examples, for the help; a test reads every one of them."""

from __future__ import annotations

MANUAL: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Orders: side, size, symbol, price, options",
        (
            ("b 100 AAPL 189.5", "Buy 100 at 189.50; s sells, ss opens a short, bc covers one."),
            ("b 100 @189.5", "The same for the symbol in focus; a price without a symbol needs its @."),
            ("b 2.5k AAPL ask+.05", "Five cents above the ask; bid, ask, mid and last take an offset."),
            ("b $10k AAPL bid-2t", "What 10,000 buys, two ticks below the bid; +5bp counts basis points."),
            ("b 25% AAPL mid", "A quarter of the buying power, at the middle, on the tick that suits us."),
            ("s pos/2 AAPL mkt", "Half of the position at market; pos is all of it. Only ever closes."),
            (
                "s 250 AAPL bid",
                "More than is held flips the position: said before it is sent, and FLIP is on the key.",
            ),
            ("b 100 AAPL", "Without a price, at market; without a size, the size last used."),
            ("s 100 AAPL stp=185", "A stop; with a price a stop-limit."),
            ("s 100 AAPL tr=1%", "A trailing stop: 1%, .50 or 5t from the best price since."),
            (
                "b 100 AAPL mkt sl=-1% tp=+2R",
                "A stop 1% below the entry, a target at twice the risk; one cancels the other.",
            ),
            ("b 100 AAPL 189 sl=185 tp=195", "Both at prices; -2%, -50t and -1.5 are steps from the entry."),
            ("b 100 AAPL bid sl=tr1%", "With a stop that trails by 1%."),
            ("b r$200 AAPL bid sl=-1%", "As many as lose 200 at the stop."),
            ("s 100 AAPL 195 oco stp=185", "A limit and a stop; what fills of one is taken off the other."),
            ("b 100 AAPL bid po gtc", "day, gtc, ioc, fok; ro only reduces, po never takes."),
            ("b 100 AAPL bid as=meanrev", "For a strategy of this name, which can be halted by itself."),
        ),
    ),
    (
        "Orders that work",
        (
            ("x #12", "Cancel an order; at the first Enter."),
            ("x AAPL", "Cancel a symbol's orders."),
            ("x as=meanrev", "Cancel a strategy's orders."),
            ("xx", "Cancel everything."),
            ("m #12 p+2t q=200", "Two ticks up, 200 in all; p=, q=, stp= set, + and - step."),
        ),
    ),
    (
        "The way out",
        (
            ("flat AAPL", "Cancel, then close at market; flat alone means the symbol in focus."),
            ("flat!", "Close everything."),
            ("rev AAPL", "Turn a position into its opposite."),
            ("halt", "No new order, of one symbol with its name; reduce lets only exits through."),
            ("halt as=meanrev", "No new order of this strategy; so with reduce and resume."),
            ("halt firm", "No new order at any desk that shares the Redis; resume firm lifts it."),
            ("resume", "Trade again."),
        ),
    ),
    (
        "What a company did",
        (
            (
                "split AAPL 4:1",
                "Book four shares for each one held, at the same cost; 1:10 is one for ten. No order may work.",
            ),
            (
                "split AAPL 3:2 cash=57.40",
                "What does not make a whole share was paid out at 57.40, else at its cost.",
            ),
            (
                "dividend AAPL 0.24",
                "Book 0.24 a share on what is held; a short owes it. -0.24 takes it back.",
            ),
        ),
    ),
    (
        "The desk",
        (
            ("AAPL", "Look at a symbol; 'B looks at a symbol that is also a word."),
            ("AAPL ch", "And open a pane: ch, dp, ts, sg, tk, or, pf, q."),
            ("risk go", "Go to a pane."),
            ("watch ETH/USD", "Follow one more symbol of a live venue, and at the next start; / finds them."),
            ("unwatch ETH/USD", "Follow it no more, once it is flat and has no orders; watch takes it back."),
            ("theme dark", "Change the colours; theme alone goes to the next."),
            ("pause", "Hold a simulation or replay; play goes on, step takes one event."),
            ("speed 10", "Ten times as fast; speed max does not wait."),
            ("jump 14:30", "Move a replay to a time of day."),
            ("limits", "Read the limits file again."),
            ("desks", "Show the desks that share the Redis, and what they hold."),
            ("alerts", "Show what is wrong and who has it; acknowledge or silence it."),
            ("log", "Show the log; on an order, what was written about it."),
            ("help", "This page; help WORD searches it."),
            ("quit", "Leave."),
        ),
    ),
)
"""Headings, each with lines and what they do."""
