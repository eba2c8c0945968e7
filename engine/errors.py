"""Every error the engine raises, by what the caller can do about it.

EngineError
├── ConfigError          a setting is wrong: say which, and stop the start
├── DataError            outside input is malformed: count it, say where, go on
│   └── FileDataError    with the file, the row and the reason
├── InvalidValue         a price or a size does not fit its instrument
├── AdapterError
│   ├── TransientError   a retry may help; the outcome of a submit is unknown
│   │   └── NotSentError not a byte left: the outcome of a submit is known
│   ├── RejectedError    understood and refused: never retry
│   ├── ThrottledError   asked too often; carries `retry_after_s`
│   └── BreakerOpenError not attempted; carries `retry_after_s`
├── JournalError         a record could not be written: send nothing new, let cancels go
│   └── JournalInUse     another engine writes there
└── InvalidTransition    a bug: an order was asked to do what no order does
"""

from __future__ import annotations


class EngineError(Exception):
    """The root of everything the engine raises on purpose."""


class ConfigError(EngineError):
    """A setting is wrong; the message names it and says what was expected."""


class DataError(EngineError):
    """Input from outside is malformed."""


class FileDataError(DataError):
    """A file can't be read further; says where and why."""

    def __init__(self, path: str, reason: str, row: int | None = None) -> None:
        where = path if row is None else f"{path}, row {row:,}"
        super().__init__(f"{where}: {reason}")
        self.path = path
        self.row = row
        self.reason = reason


class InvalidValue(EngineError):
    """A price or a size can't be expressed in its instrument's units."""


class AdapterError(EngineError):
    """A venue or a data source failed us."""


class TransientError(AdapterError):
    """It may work next time; the outcome of an order that was being sent is unknown."""


class NotSentError(TransientError):
    """Not a byte of it left: no connection came about."""


class RejectedError(AdapterError):
    """The venue understood and refused; asking again gives the same answer."""


class ThrottledError(AdapterError):
    """The venue was asked too often, and is to be left alone."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BreakerOpenError(AdapterError):
    """Not attempted: the circuit is open."""

    def __init__(self, name: str, retry_after_s: float) -> None:
        super().__init__(f"{name} is not answering; next try in {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class JournalError(EngineError):
    """A record could not be written; what it announced must not happen."""


class JournalInUse(JournalError):
    """Another engine writes this journal."""


class InvalidTransition(EngineError):
    """An order was moved to a state that its state does not lead to."""
