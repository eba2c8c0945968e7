"""The key that signs tokens is replaced at a shell while a gateway serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import BackupSettings, CredentialSettings, Settings
from engine.folders import Folders
from engine.security.operators.roles import Role
from engine.security.signing import load_signing_keys
from engine.security.tokens import revocations
from engine.security.tokens.claims import Kind
from engine.security.tokens.mint import Mint, new_id
from engine.security.vault.choice import secrets_in
from engine.security.vault.key_file import KeyFile
from engine.serving import AUDIENCE, ISSUER
from engine.settings.signals import ModelsSettings
from engine.shell.keys import Keys
from tests.unit.engine.gateway_bench import GatewayBench, served
from tests.waiting import wait_until


def test_what_a_stolen_key_signs_is_refused_from_then_on_and_the_new_one_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "AHEAD_S", 1)
    with served(tmp_path) as gateway:
        stolen = load_signing_keys(KeyFile(tmp_path / "keys.toml"))
        assert stolen is not None
        thief = Mint(lambda: stolen, SystemClock(), issuer=ISSUER, audience=AUDIENCE)
        assert forged(gateway, thief) == 200
        shell = Keys(
            gateway.rooms.folders, gateway.rooms.settings, SystemClock(), key_file=tmp_path / "keys.toml"
        )
        made = shell.rotate_signing(at_once=True)
        wait_until(lambda: forged(gateway, thief) == 401)
        found = load_signing_keys(KeyFile(tmp_path / "keys.toml"))
        assert found is not None
        assert found.current == made
        owner = Mint(lambda: found, SystemClock(), issuer=ISSUER, audience=AUDIENCE)
        wait_until(lambda: forged(gateway, owner) == 200)
        assert forged(gateway, thief) == 401, "though nothing that it signs now was revoked"


def test_keys_are_made_where_the_settings_say_and_found_there_without_a_keyring(tmp_path: Path) -> None:
    tokens, backups, models = (str(tmp_path / name) for name in ("tokens", "backups", "models"))
    settings = Settings(
        credentials=CredentialSettings(key_file=tokens),
        backup=BackupSettings(key_file=backups),
        models=ModelsSettings(key_file=models),
    )
    shell = Keys(Folders(tmp_path, tmp_path, tmp_path, tmp_path), settings, SystemClock())
    places = {made.kind: made.place for made in shell.make()}
    assert places == {
        "signing": f"the key file {tokens}",
        "audit": f"the key file {backups}",
        "backup": f"the key file {backups}",
    }
    found = load_signing_keys(secrets_in(settings.vault, settings.credentials.key_file))
    assert found is not None
    assert shell.rotate_signing(at_once=False) != found.current
    assert [row.kind for row in shell.all()] == ["signing", "signing", "audit", "backup"]


def forged(gateway: GatewayBench, mint: Mint) -> int:
    """Return what becomes of a request with a token that was made just now."""
    token = mint.signed(mint.claims(Kind.ACCESS, "ann", Role.ADMIN, new_id()))
    return gateway.ask("GET", "/v1/account", headers={"Authorization": f"Bearer {token}"}).status
