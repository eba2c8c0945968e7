"""Every number of the reference vectors on drift and predictions, at the tolerance they state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from engine.signals.statistics import information, kolmogorov_smirnov, psi, wasserstein
from engine.signals.statistics.adwin import Adwin
from engine.signals.statistics.matured import Matured
from engine.signals.statistics.page_hinkley import PageHinkley
from engine.signals.statistics.quantiles import deciles
from engine.signals.statistics.rolling import Scores, score
from tests.shared_data import SHARED, shared

VECTORS = "vectors/risk_and_pnl.json"
KINDS = ("drift_two_sample", "drift_stream", "prediction_metrics")
Case = Mapping[str, Any]


@cache
def _cases() -> dict[str, Case]:
    cases = json.loads(shared(VECTORS).read_text())["cases"]
    return {case["id"]: case for case in cases if case["kind"] in KINDS}


def _parameters() -> list[Any]:
    if not (SHARED / VECTORS).exists():
        return [pytest.param("", "", id="no-vectors")]
    return [
        pytest.param(identifier, metric, id=f"{identifier}-{metric}")
        for identifier, case in _cases().items()
        for metric in case["metrics"]
    ]


def _samples(case: Case) -> tuple[list[float], list[float]]:
    return sorted(case["reference_sample"]), sorted(case["current_sample"])


def _psi(case: Case) -> float | None:
    before, now = _samples(case)
    edges = deciles(before)
    return psi.index(psi.counts(before, edges), psi.counts(now, edges))


def _psi_null(case: Case) -> float:
    before, now = _samples(case)
    return psi.null_level(len(before), len(now), 10)


def _ks_p(case: Case) -> float:
    before, now = _samples(case)
    return kolmogorov_smirnov.p_value(kolmogorov_smirnov.statistic(before, now), len(before), len(now))


def _detections(update: Callable[[float], object], case: Case) -> list[int]:
    return [index for index, error in enumerate(case["stream"]) if update(error)]


def _scores(case: Case) -> Scores:
    pairs = zip(case["p_up"], case["forward_return"], strict=True)
    return score(Matured(bar, chance, change) for bar, (chance, change) in enumerate(pairs))


def _hit_rate(case: Case) -> float | None:
    found = _scores(case).hit_rate
    return None if found is None else found.rate


METRICS: Mapping[str, Callable[[Case], object]] = {
    "psi_10": _psi,
    "psi_null_threshold_99": _psi_null,
    "ks_stat": lambda case: kolmogorov_smirnov.statistic(*_samples(case)),
    "ks_p_asymp": _ks_p,
    "wasserstein": lambda case: wasserstein.distance(*_samples(case)),
    "river_adwin_detections": lambda case: _detections(Adwin().update, case),
    "river_page_hinkley_detections": lambda case: _detections(PageHinkley(keep=0.9999).update, case),
    "textbook_page_hinkley_first": lambda case: _detections(PageHinkley().update, case)[0],
    "auc": lambda case: _scores(case).auc,
    "brier": lambda case: _scores(case).brier,
    "brier_skill": lambda case: _scores(case).skill_in_window,
    "log_loss": lambda case: _scores(case).log_loss,
    "hit_rate": _hit_rate,
    "ic_pearson": lambda case: information.pearson(case["p_up"], case["forward_return"]),
    "ic_spearman": lambda case: _scores(case).ic,
    "ic_t": lambda case: _scores(case).ic_t,
    "ece10": lambda case: _scores(case).ece,
}


def _off(found: object, wanted: object) -> float:
    """How far off: in steps of a stream, or relative to a number above 1."""
    if isinstance(wanted, list):
        assert isinstance(found, list)
        assert len(found) == len(wanted)
        return float(max(abs(is_at - was_at) for is_at, was_at in zip(found, wanted, strict=True)))
    assert isinstance(found, int | float)
    assert isinstance(wanted, int | float)
    return abs(found - wanted) / max(1.0, abs(wanted))


@pytest.mark.parametrize(("identifier", "metric"), _parameters())
def test_a_number_agrees_with_its_reference(identifier: str, metric: str) -> None:
    shared(VECTORS)
    case = _cases()[identifier]
    wanted = case["metrics"][metric]
    found = METRICS[metric](case)
    assert _off(found, wanted["value"]) <= wanted["tolerance"], f"{found} is not {wanted['value']}"
