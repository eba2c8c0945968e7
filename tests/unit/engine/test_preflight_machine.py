"""What the system holds a process to, as both versions of groups tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.preflight.machine import limits_of

UNIT = "system.slice/touchline.service"
FIRST = f"4:memory:/{UNIT}\n1:cpu,cpuacct:/{UNIT}\n0::/{UNIT}\n"
SPLIT = f"4:memory:/{UNIT}\n2:cpuacct:/\n1:cpu:/{UNIT}\n0::/{UNIT}\n"
SECOND = f"0::/{UNIT}\n"


@pytest.mark.parametrize(
    ("groups", "files", "found"),
    [
        (SECOND, {"memory.max": "2147483648", "cpu.max": "200000 100000"}, ("2147483648", "200000 100000")),
        (SECOND, {"memory.max": "max", "cpu.max": "max 100000"}, ("", "")),
        (FIRST, {"memory/memory.limit_in_bytes": "2147483648", "cpu,cpuacct/cpu.cfs_quota_us": "200000",
                 "cpu,cpuacct/cpu.cfs_period_us": "100000"}, ("2147483648", "200000 100000")),
        (SPLIT, {"memory/memory.limit_in_bytes": "9223372036854771712", "cpu/cpu.cfs_quota_us": "-1",
                 "cpu/cpu.cfs_period_us": "100000"}, ("", "")),
        (SPLIT, {}, ("", "")),
        ("", {}, ("", "")),
    ],
    ids=["second", "second-unlimited", "first", "first-unlimited", "no-files", "no-groups"],
)  # fmt: skip
def test_limits_are_read_from_either_version_of_groups(
    tmp_path: Path, groups: str, files: dict[str, str], found: tuple[str, str]
) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(groups, encoding="utf-8")
    for name, text in files.items():
        kind, _, file = name.rpartition("/")
        path = tmp_path / kind / UNIT / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    assert limits_of(7, tmp_path, tmp_path) == found


def test_a_process_that_is_gone_has_no_limits(tmp_path: Path) -> None:
    assert limits_of(7, tmp_path, tmp_path) == ("", "")
