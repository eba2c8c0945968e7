"""Each command that opens no desk, by its name: what does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from terminal.shell import (
    alert_commands,
    audit_commands,
    backup_commands,
    certificate_commands,
    connect_commands,
    control_commands,
    credential_commands,
    data_commands,
    feature_commands,
    history_commands,
    incident_commands,
    key_commands,
    log_commands,
    migrate_commands,
    model_commands,
    operator_commands,
    preflight_commands,
    redis_commands,
    report_commands,
    retention_commands,
    rollback_commands,
    serve_commands,
    stand_by_commands,
    support_commands,
    symbol_commands,
    venue_commands,
)

RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {
    **alert_commands.RUN,
    **audit_commands.RUN,
    **backup_commands.RUN,
    **certificate_commands.RUN,
    **connect_commands.RUN,
    **control_commands.RUN,
    **credential_commands.RUN,
    **data_commands.RUN,
    **feature_commands.RUN,
    **history_commands.RUN,
    **incident_commands.RUN,
    **key_commands.RUN,
    **log_commands.RUN,
    **migrate_commands.RUN,
    **model_commands.RUN,
    **operator_commands.RUN,
    **preflight_commands.RUN,
    **redis_commands.RUN,
    **report_commands.RUN,
    **retention_commands.RUN,
    **rollback_commands.RUN,
    **serve_commands.RUN,
    **stand_by_commands.RUN,
    **support_commands.RUN,
    **symbol_commands.RUN,
    **venue_commands.RUN,
}
"""All of them; no desk waits for what they load."""
