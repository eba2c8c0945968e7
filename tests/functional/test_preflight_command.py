"""`touchline preflight` and `touchline signoff`: an honest report, signed, and what people vouch for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.folders import standard_folders
from engine.preflight.items import BY_ID, Section
from engine.security.audit.log import entries_in
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from terminal.shell.preflight_words import WIDTH
from tests.documented import blocks, page, section
from tests.vault_shell import PASSPHRASE, VaultShell

PASSWORD = "nine green herons by Wick"
Says = Callable[..., str]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says commands to a home with a vault, and returns what they print; no secret is among it."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    monkeypatch.chdir(tmp_path)
    shell = VaultShell(tmp_path)
    shell.make_cheap()

    def say(*arguments: str, given: str = "", code: int = 0) -> str:
        assert shell.say(*arguments, given=given) == code
        told = capsys.readouterr()
        assert not [secret for secret in (PASSPHRASE, PASSWORD) if secret in told.out + told.err]
        return told.out + told.err

    return say


def rows(told: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in json.loads(told)["rows"]}


def test_a_fresh_place_gets_an_honest_report(says: Says) -> None:
    told = says("preflight")
    lines = told.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "not production; no engine was asked (--live)." in " ".join(lines[:2])
    assert "not set  SEC-3    ! operators' passwords hashed with bcrypt" in lines
    assert (
        "do: touchline setup"
        in lines[lines.index("not set  SEC-3    ! operators' passwords hashed with bcrypt") + 2]
    )
    assert "Not signed: there is no audit key." in lines
    assert [
        line.split()[1] for line in lines if line.startswith(("FAIL", "pass", "waits", "not set", "n/a"))
    ][:1] == ["SEC-1"]
    (sample,) = blocks(section(page("docs/preflight.md"), "## A report"), "text")
    assert [line for line in sample.splitlines()[2:] if line not in lines] == []
    found = rows(says("preflight", "--json"))
    assert list(found) == list(BY_ID)
    assert all(row["evidence"] for row in found.values())
    assert all(row["remedy"] for row in found.values() if row["status"] in {"fail", "not configured"})


def test_a_section_is_judged_alone(says: Says) -> None:
    assert set(rows(says("preflight", "--section", "trading", "--json"))) == {
        name for name, item in BY_ID.items() if item.section == "trading"
    }


def test_the_live_part_says_where_no_engine_runs(says: Says) -> None:
    found = rows(says("preflight", "--live", "--section", "operations", "--json"))
    assert found["LAUNCH-1"]["status"] == "fail"
    assert "no desk runs here" in found["LAUNCH-1"]["evidence"]


def test_in_production_what_is_not_set_up_fails_and_the_exit_code_says_so(
    says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    told = says("preflight", code=1)
    assert "FAIL     SEC-3    !" in told
    told = " ".join(told.split())
    assert "ENV-1 ! ENVIRONMENT is production" in told
    assert "Fail, and keep a live account disarmed in production: SEC-3, SEC-4, DATA-1, DATA-3." in told


def test_a_secret_in_the_environment_and_settings_that_are_wrong_are_told_and_end_nothing(
    says: Says, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("REDIS_PASSWORD", "slow ospreys over 9 lochs")
    told = says("preflight", "--section", "security", code=1)
    assert "the environment variable REDIS_PASSWORD holds a secret" in " ".join(told.split())
    assert "ospreys" not in told
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[account]\nname = 7\n", encoding="utf-8")
    arguments = ("preflight", "--section", "security", "--config", str(wrong), "--json")
    assert f"{wrong}: Expected" in rows(says(*arguments, code=1))["SEC-1"]["evidence"]
    assert "FAIL     SEC-1" in says("preflight", "--section", "security", "--config", str(tmp_path), code=1)
    assert "there is no such file" in says("preflight", "--config", str(tmp_path / "none"), code=2)


def test_a_report_is_signed_and_a_changed_letter_is_noticed(says: Says, tmp_path: Path) -> None:
    says("setup", "--keys-only")
    kept = tmp_path / "report.json"
    kept.write_text(says("preflight", "--json"), encoding="utf-8")
    assert "It is the report that was signed." in says("preflight", "--verify", str(kept))
    kept.write_text(
        kept.read_text(encoding="utf-8").replace('"waits for a person"', '"pass"'), encoding="utf-8"
    )
    assert "was not signed by the audit key" in says("preflight", "--verify", str(kept), code=2)
    kept.write_text("[]", encoding="utf-8")
    assert "it is no report of a preflight" in says("preflight", "--verify", str(kept), code=2)


class Page(HTMLParser):
    """Reads a page: what it loads, and the cells of its rows."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.open_ones: list[str] = []
        self.headings: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "col"}:
            self.open_ones.append(tag)
        if tag == "thead":
            self.headings.append(())
        self.loads += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open_ones.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_ones[-1:] == ["th"]:
            self.headings[-1] += (data,)


def test_a_page_stands_alone_and_what_is_in_it_is_no_markup(says: Says, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[account]\nname = "<script>x</script>"\n', encoding="utf-8")
    page = tmp_path / "preflight.html"
    told = says("preflight", "--html", str(page), "--config", str(config))
    assert f"The report is in {page}." in told
    found = Page()
    found.feed(page.read_text(encoding="utf-8"))
    assert (found.loads, found.tags.count("tr") - found.tags.count("table")) == ([], len(BY_ID))
    assert "script" not in found.tags
    assert (found.open_ones, found.tags.count("thead")) == ([], len(Section))
    assert set(found.headings) == {("status", "id", "item", "what was looked at, and what to do")}
    text = page.read_text(encoding="utf-8")
    assert "no engine was asked (--live)" in text
    (told,) = re.findall(r"<p>(Are to be done before .*)</p>", text)
    assert told.endswith("ENV-1."), "one sentence, one paragraph"
    assert "--html" in says("preflight", "--html", str(tmp_path / "none" / "x.html"), code=2)


def test_what_a_person_vouches_for_holds_until_what_they_looked_at_changes(says: Says) -> None:
    told = says("signoff", "sign-1", "--as", "security")
    assert " signed SIGN-1 as security, for: version " in told
    first = rows(says("preflight", "--json"))["SIGN-1"]
    assert first["status"] == "signed off"
    assert first["signed_by"].endswith(" as security")
    limits = standard_folders().limits
    limits.write_text("[account]\nopen_orders_max = 7\n", encoding="utf-8")
    stale = rows(says("preflight", "--json"))["SIGN-1"]
    assert stale["status"] == "waits for a person"
    assert "signed for something else than what is there now" in stale["evidence"]
    acts = [entry for entry in entries_in(standard_folders().data / "audit.log") if entry.what == "sign-off"]
    assert [(act.subject, act.before, len(act.after)) for act in acts] == [("SIGN-1", "security", 32)]


def test_several_items_are_signed_at_once_or_none(says: Says) -> None:
    both = ("signoff", "PF-1", "AUTH-2", "--as", "risk")
    assert "AUTH-2 is nothing to sign" in says(*both, code=2)
    assert not (standard_folders().data / "audit.log").exists()
    told = says("signoff", "PF-1", "PF-2", "pf-3", "--as", "risk").splitlines()
    assert [line.split(" signed ")[1].split()[0] for line in told] == ["PF-1", "PF-2", "PF-3"]
    found = rows(says("preflight", "--section", "trading", "--json"))
    assert {found[f"PF-{n}"]["status"] for n in (1, 2, 3)} == {"signed off"}


def test_what_is_not_to_be_signed_is_a_sentence(says: Says) -> None:
    assert "there is no item 'NONE-1'" in says("signoff", "NONE-1", "--as", "qa", code=2)
    assert "SIGN-1 is signed as security" in says("signoff", "SIGN-1", "--as", "qa", code=2)
    assert "expected --as security" in says("signoff", "PF-1", "--as", "owner", code=2)
    assert "AUTH-2 is nothing to sign: it is 'pass'" in says("signoff", "AUTH-2", "--as", "qa", code=2)
    assert "there are no operators" in says("signoff", "PF-1", "--as", "risk", "--operator", "ann", code=2)
    assert not (standard_folders().data / "audit.log").exists()


def test_an_operator_signs_with_the_password_and_as_its_role_goes(says: Says) -> None:
    register = Register(OperatorFile(standard_folders().operators), SystemClock(), 4)
    for name, role in (("ann", Role.ADMIN), ("tom", Role.TRADER), ("rita", Role.RISK)):
        register.add(name, role, PASSWORD)
    sign = ("signoff", "SIGN-6", "--as", "risk", "--operator")
    assert "the password or the code is wrong" in says(*sign, "rita", given="not the one\n", code=2)
    assert "a trader does not sign as risk" in says(*sign, "tom", given=f"{PASSWORD}\n", code=2)
    assert "rita signed SIGN-6 as risk, for: " in says(*sign, "rita", given=f"{PASSWORD}\n")
    found = rows(says("preflight", "--json", code=1))
    assert found["SIGN-6"]["signed_by"] == "rita as risk"
    assert found["SEC-3"]["evidence"] == "3 operators, bcrypt at cost 4 or more"
