"""A real Prometheus for a test: scrapes every second, evaluates the rules of `docs/`, answers queries."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.error import URLError

import pytest

from tests.redis_server import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "docs" / "prometheus"
NEEDED = ("prometheus", "promtool", "amtool")

needs_prometheus = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)) and not os.environ.get("TOUCHLINE_REQUIRE_PROMETHEUS"),
    reason="needs the packages prometheus and prometheus-alertmanager",
)

Labels = frozenset[tuple[str, str]]


class Course(NamedTuple):
    """One series over a time."""

    labels: dict[str, str]
    points: list[tuple[float, float]]
    """Seconds since the epoch, and what it was; where it was nothing there is no point."""


class PrometheusServer:
    """Runs in a folder of its own and looks at one exporter."""

    def __init__(self, folder: Path, exporter: int) -> None:
        self._folder = folder
        self._exporter = exporter
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(exist_ok=True)
        settings = self._folder / "prometheus.yml"
        settings.write_text(json.dumps(self._settings()), encoding="utf-8")  # JSON is YAML too
        command = [
            "prometheus",
            f"--config.file={settings}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--log.level=error",
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._is_ready)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)

    def query(self, expression: str) -> dict[Labels, float]:
        """Return the newest number of each series, by its labels without those of the scrape."""
        found = self._ask(f"query?{urllib.parse.urlencode({'query': expression})}")["data"]["result"]
        return {_labels(each["metric"]): float(each["value"][1]) for each in found}

    def range(self, expression: str, begin_s: float, end_s: float, step_s: float) -> list[Course]:
        """Return each series from one time to another, with all of its labels."""
        asked = {"query": expression, "start": begin_s, "end": end_s, "step": step_s}
        found = self._ask(f"query_range?{urllib.parse.urlencode(asked)}")["data"]["result"]
        return [
            Course(each["metric"], [(float(at), float(value)) for at, value in each["values"]])
            for each in found
        ]

    def _settings(self) -> dict[str, Any]:
        return {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in sorted(RULES.glob("*.rules.yml"))],
            "scrape_configs": [
                {
                    "job_name": "touchline",
                    "static_configs": [{"targets": [f"127.0.0.1:{self._exporter}"]}],
                }
            ],
        }

    def _ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)

    def _is_ready(self) -> bool:
        try:
            return self.query("vector(1)") == {frozenset(): 1.0}
        except (URLError, OSError):
            assert self._process is not None
            assert self._process.poll() is None, (self._folder / "log").read_text()
            return False


def _labels(metric: dict[str, str]) -> Labels:
    return frozenset((k, v) for k, v in metric.items() if k not in {"__name__", "instance", "job"})
