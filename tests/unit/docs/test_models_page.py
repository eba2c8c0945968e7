"""The page about models says what the tables that run the program say."""

from __future__ import annotations

import re
import shlex

import pytest

from engine.signals.models import bounds
from engine.signals.models.trial import PREDICTS, TOLERANCE
from engine.signals.registry.champion import LOOK_S
from engine.signals.registry.gates import MATURED_MIN, TOO_GOOD
from engine.signals.registry.loading import BUDGET_US, SIZES
from engine.signals.registry.stages import NEXT, Stage
from terminal.cli import parse_args
from tests.documented import blocks, page, rows, section
from tests.model_bench import linear
from tests.onnx_bench import manifest

PAGE = page("docs/models.md")


def test_every_command_of_the_page_can_be_said() -> None:
    lines = [line for block in blocks(PAGE, "text") for line in block.splitlines()]
    errands = {parse_args(shlex.split(line)[1:]).errand for line in lines}
    assert errands == {
        *("train", "add", "export", "show", "verify", "promote"),
        *("rollback", "quarantine", "accept", "sign-off", "rehearse"),
    }


def test_the_stages_are_those_of_the_table() -> None:
    told = {
        stage: set(re.findall("|".join(Stage), leads)) for stage, _, leads in rows(section(PAGE, "## Stages"))
    }
    assert set(told) == set(Stage)
    for stage in Stage:
        leads = {after for (before, move), after in NEXT.items() if before is stage}
        assert told[stage] | {Stage.CHAMPION} == leads | {Stage.CHAMPION}


def test_its_numbers_are_those_of_the_program() -> None:
    assert [rows(section(PAGE, "## What a version is"))[n][2].split(",")[0] for n in (0, 1, 2)] == [
        f"{SIZES['model.json'] >> 20} MiB", f"{SIZES['reference.json'] >> 20} MiB", f"{SIZES['card.json'] >> 10} KiB",
    ]  # fmt: skip
    for said in (
        f"at least {bounds.GOLDEN_MIN} golden rows",
        f"{bounds.FEATURES_MAX} features, {bounds.TREES_MAX:,} trees, {bounds.NODES_MAX:,} nodes a tree",
        f"{bounds.NODES_IN_ALL_MAX:,} in all, {bounds.DEPTH_MAX} levels",
        f"take {BUDGET_US:.0f} us at most, of {PREDICTS} in",
        f"at least {MATURED_MIN} predictions",
        f"AUC is above {TOO_GOOD['auc']} nor IC beyond {TOO_GOOD['ic']}",
    ):
        assert said in PAGE
    assert LOOK_S == 0.5


def test_what_it_says_of_onnx_is_what_is_written() -> None:
    pytest.importorskip("onnx", reason="needs touchline[onnx]")
    pytest.importorskip("onnxruntime", reason="needs touchline[onnx]")
    from engine.signals.exporting import onnx_file, onnx_graph, onnx_trial  # noqa: PLC0415  # an extra

    told = section(PAGE, "## As ONNX")
    fields = dict(rows(told))
    assert fields["operators"].endswith(
        f"opset {onnx_graph.OPSET} and `ai.onnx.ml` {onnx_graph.ML_OPSET}, IR version {onnx_graph.IR_VERSION}"
    )
    assert fields["input"].startswith(f"`{onnx_graph.INPUT}`, doubles")
    assert fields["output"].startswith(f"`{onnx_graph.OUTPUT}`, doubles")
    named = set(re.findall(r"`([a-z0-9_]+)`", fields["metadata"])) - {"doc_string"}
    assert named == set(onnx_file.metadata(manifest(), linear()))
    assert f"within {TOLERANCE:.0e}".replace("e-0", "e-") in told
    assert f"up to {onnx_trial.EDGES_MAX} thresholds" in told
