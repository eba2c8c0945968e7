"""One grammar for the typed line, the hotkeys, scripts and the audit trail.

Text becomes a line (`grammar.parse`), a line and what the desk knows become a command or a wish of the
screen's (`resolve.resolve`), and `staging.Staging` decides when it may be sent. All of it is pure.
"""
