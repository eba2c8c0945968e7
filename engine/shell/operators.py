"""Operators as a person at a shell manages them; each change is in the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from engine.clock import Clock
from engine.config import Settings
from engine.folders import Folders
from engine.ports.secrets import AskPassphrase, Secrets
from engine.revoking import Revoking
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell, login_name
from engine.security.operators.database import OperatorFile
from engine.security.operators.lockout import LockedOut, Lockout
from engine.security.operators.passwords import COST
from engine.security.operators.register import Operator, OperatorRefused, Register
from engine.security.operators.roles import Role
from engine.security.operators.sign_in import SignedIn, SignIn, SignInRefused, code_secret_name
from engine.security.operators.totp import address_of, new_secret
from engine.security.vault.choice import nobody, secrets_in

__all__ = (
    "LockedOut",
    "Operator",
    "OperatorRefused",
    "Operators",
    "Role",
    "SignInRefused",
    "SignedIn",
    "login_name",
)


class Standing(NamedTuple):
    """An operator, and for how long it may not sign in."""

    operator: Operator
    locked_s: int


class Operators:
    """The operators of one data folder."""

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        clock: Clock,
        ask: AskPassphrase = nobody,
        key_file: Path | None = None,
        *,
        cost: int = COST,
    ) -> None:
        self._register = Register(OperatorFile(folders.operators), clock, cost)
        self._lockout = Lockout(self._register.file, clock)
        self._audit = AuditLog(folders.data / AUDIT, clock)
        self._secrets: Secrets = secrets_in(
            settings.vault, str(key_file or settings.credentials.key_file), ask
        )
        self._revoking = Revoking(settings, folders, self._secrets, clock)
        self._sign_in = SignIn(self._register, self._secrets, clock, self._audit.write)

    @property
    def migrated(self) -> str:
        """What was brought from an older schema, in a sentence; empty for nothing."""
        return self._register.file.migrated

    def all(self) -> list[Standing]:
        """Return every operator."""
        return [Standing(each, self._lockout.locked_s(each.name)) for each in self._register.all()]

    def add(self, name: str, role: Role, password: str) -> None:
        """Add an operator.

        Raises:
            OperatorRefused: the name or the password will not do, or there is one of that name.
        """
        self._register.add(name, role, password)
        self._audit.write(at_shell("operator-added", name, after=role.value))

    def remove(self, name: str) -> None:
        """Take an operator away, the secret of its codes, and its tokens.

        Raises:
            OperatorRefused: there is none of that name, or it is the last admin.
            TransientError: it is done, but its tokens could not be ended.
        """
        was = self._register.remove(name)
        if was.has_code:
            self._secrets.delete(code_secret_name(name))
        self._audit.write(at_shell("operator-removed", name, before=was.role.value))
        self._revoking.end_tokens_of(name)

    def set_role(self, name: str, role: Role) -> None:
        """Let an operator be there for something else, and end its tokens, which say what it was.

        Raises:
            OperatorRefused: there is none of that name, or it is the last admin.
            TransientError: it is done, but its tokens could not be ended.
        """
        was = self._register.set_role(name, role)
        self._audit.write(at_shell("operator-role", name, before=was.role.value, after=role.value))
        self._revoking.end_tokens_of(name)

    def set_password(self, name: str, password: str) -> None:
        """Give an operator another password, end the tokens of the one before, and let it try again at once.

        Raises:
            OperatorRefused: there is none of that name, or the password will not do.
            TransientError: it is done, but its tokens could not be ended.
        """
        self._register.set_password(name, password)
        self._lockout.release(name)
        self._audit.write(at_shell("operator-password", name, after="another one"))
        self._revoking.end_tokens_of(name)

    def want_code(self, name: str) -> str:
        """Want a code besides the password from now on; return what the operator's device reads to make them.

        Raises:
            OperatorRefused: there is none of that name.
            SecretsError: its secret could not be kept.
        """
        secret = new_secret()
        was = next((each for each in self._register.all() if each.name == name), None)
        if was is None:
            raise OperatorRefused(f"there is no operator {name}")
        self._secrets.set(code_secret_name(name), secret)
        self._register.set_has_code(name, wanted=True)
        before, after = ("wanted", "wanted, another one") if was.has_code else ("none", "wanted")
        self._audit.write(at_shell("operator-code", name, before, after))
        return address_of(secret, name)

    def drop_code(self, name: str) -> None:
        """Want no code any longer.

        Raises:
            OperatorRefused: there is none of that name.
        """
        self._register.set_has_code(name, wanted=False)
        self._secrets.delete(code_secret_name(name))
        self._audit.write(at_shell("operator-code", name, before="wanted", after="none"))

    def sign_in(self, name: str, password: str, code: str, origin: str = "") -> SignedIn:
        """Judge who says to be an operator, at this terminal unless told otherwise; takes a third of a second.

        Raises:
            LockedOut: too many tries failed; carries how long to wait.
            SignInRefused: it is not that operator.
            SecretsError: something can't be read.
        """
        return self._sign_in.attempt(name, password, code, origin or f"terminal of {login_name()}")
