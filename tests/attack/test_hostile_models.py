"""Model files that somebody made to do harm: each is refused with a sentence, and the champion stays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signals.models.reading import read_model, written
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import ModelFile
from engine.signals.registry.champion import Champion
from tests.model_bench import Bench, Change, boosted, changed, linear, put_source


def tree(**arrays: Any) -> Change:
    """Return a change of the first tree's arrays."""

    def change(found: dict[str, Any]) -> None:
        found["trees"][0].update(arrays)

    return change


def put(**fields: Any) -> Change:
    return lambda found: found.update(fields)


def at(name: str, index: int, value: float) -> Change:
    """Return a change of one number in an array of the first tree."""

    def change(found: dict[str, Any]) -> None:
        found["trees"][0][name][index] = value

    return change


LINEAR: list[tuple[str, Change, str]] = [
    ("unknown-field", put(run="rm -rf"), "unknown field"),
    ("unknown-kind", put(kind="pickle"), "pickle"),
    ("schema", put(schema=2), "schema: expected 1, found 2"),
    ("feature-set", put(feature_set="../x"), "feature_set"),
    ("escape-in-name", put(features=["a", "\x1b[2J", "c"]), "features: expected small letters"),
    ("name-twice", put(features=["a", "a", "c"]), "a is there twice"),
    ("no-features", put(features=[]), "features: expected 1 to 256, found 0"),
    ("too-many-features", put(features=[f"f{n}" for n in range(257)]), "found 257"),
    ("weights-missing", put(weights=[1.0]), "weights: expected 3, found 1"),
    ("text-as-weight", put(weights=["1", 2, 3]), "Expected `float`"),
    ("nan", put(intercept=float("nan")), "model.json: "),
    ("infinity", put(weights=[1.0, float("inf"), 1.0]), "model.json: "),
    ("scale-0", put(scaler={"means": [0, 0, 0], "scales": [1, 0, 1]}), "scales above 0"),
    ("scale-tiny", put(scaler={"means": [0, 0, 0], "scales": [1e-320, 1, 1]}), "finite numbers"),
    ("scaler-short", put(scaler={"means": [0], "scales": [1, 1, 1]}), "scaler: means"),
    ("slope", put(calibration={"slope": -1.0}), "a slope above 0"),
    ("few-golden", put(golden=[]), "golden: rows: expected 16 to 256"),
    ("golden-width", put(golden=[{"row": [1.0], "probability": 0.5}] * 16), "golden 0: values"),
    ("golden-range", put(golden=[{"row": [1.0] * 3, "probability": 1.5}] * 16), "expected a probability"),
]  # fmt: skip
BOOSTED: list[tuple[str, Change, str]] = [
    ("cycle", at("left", 1, 0), "tree 0, node 1: expected a child after it"),
    ("itself", at("right", 0, 0), "node 0: expected a child after it"),
    ("out-of-bounds", at("left", 0, 10_000), "found 10000"),
    ("negative-child", at("left", 0, -1), "found -1"),
    ("two-parents", at("left", 0, 2), "expected one parent"),
    ("feature", at("feature", 0, 99), "feature: expected 0 to 4, found 99"),
    ("negative-feature", at("feature", 0, -2), "found -2"),
    ("leaf-with-children", at("feature", 0, -1), "a leaf has no children"),
    ("short-array", tree(value=[1.0]), "tree 0: value"),
    ("no-nodes", tree(feature=[], threshold=[], left=[], right=[], value=[]), "nodes: expected 1 to 1,024"),
    ("no-trees", put(trees=[]), "trees: expected 1 to 1,000"),
    ("too-many-trees", lambda found: found.update(trees=found["trees"][:1] * 1_001), "found 1,001"),
    ("a-chain", lambda found: found["trees"].append(chain(70)), "deeper than 64"),
    ("too-many-nodes", lambda found: found["trees"].append(chain(600)), "found 1,201"),
]  # fmt: skip


def chain(splits: int) -> dict[str, Any]:
    """Return a tree as deep as it has splits."""
    count = 2 * splits + 1
    children = [[2 * n + 1, 2 * n + 2] for n in range(splits)]
    inner = {2 * n: pair for n, pair in enumerate(children)}
    return {
        "feature": [0 if n in inner else -1 for n in range(count)],
        "threshold": [0.0] * count,
        "left": [inner[n][0] if n in inner else -1 for n in range(count)],
        "right": [inner[n][1] if n in inner else -1 for n in range(count)],
        "value": [0.0] * count,
    }


@pytest.mark.parametrize(("change", "said"), [pytest.param(c, s, id=i) for i, c, s in LINEAR])
def test_a_hostile_regression_is_refused(change: Change, said: str) -> None:
    refused(linear(), change, said)


@pytest.mark.parametrize(("change", "said"), [pytest.param(c, s, id=i) for i, c, s in BOOSTED])
def test_hostile_trees_are_refused(change: Change, said: str) -> None:
    refused(boosted(), change, said)


def refused(file: ModelFile, change: Change, said: str) -> None:
    with pytest.raises(ModelRefused) as caught:
        read_model(changed(file, change))
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x80\x04\x95", id="pickle"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"kind":"logistic","schema":' + b"[" * 100_000, id="deep-inside"),
        pytest.param(b'{"kind":"logistic","schema":1e999}', id="huge-number"),
        pytest.param(b'{"kind":"\xff"}', id="not-utf-8"),
        pytest.param(b" " * ((8 << 20) + 1), id="oversized"),
        pytest.param(written(linear())[:-40], id="truncated"),
    ],
)
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ModelRefused, match=r"^model\.json: "):
        read_model(content)


@given(cut=st.integers(0, 900), byte=st.integers(0, 255))
def test_a_model_with_any_byte_changed_is_refused_or_still_a_model(cut: int, byte: int) -> None:
    content = bytearray(written(linear()))
    content[cut] = byte
    try:
        model = read_model(bytes(content)).model
    except ModelRefused:
        return
    assert 0 <= model.predict([0.0] * len(model.features)) <= 1


def flip(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6", 1))


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def link(path: Path) -> None:
    kept = path.with_name("elsewhere")
    path.rename(path.parent.parent.parent / kept.name)
    path.symlink_to(path.parent.parent.parent / kept.name)


def open_up(path: Path) -> None:
    path.chmod(0o644)


def swell(path: Path) -> None:
    path.write_bytes(b" " * (9 << 20))


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def add_another(path: Path) -> None:
    (path.parent / "model.pkl").write_bytes(b"\x80\x04")


def sign_again(path: Path) -> None:
    """Change a file and its hash in the manifest, without the key."""
    flip(path)
    manifest = path.parent / "manifest.json"
    found = json.loads(manifest.read_bytes())
    found["manifest"]["files"][path.name] = sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(found), encoding="utf-8")


TAMPERS: list[tuple[Callable[[Path], None], str]] = [
    (flip, "was changed since it was registered"),
    (shorten, "was changed since it was registered"),
    (link, "it is a link"),
    (open_up, "others may read or change it"),
    (swell, "bytes at most, found more"),
    (fifo, "it is not a file"),
    (add_another, "and nothing else"),
    (sign_again, "manifest.json"),
    (Path.unlink, "and nothing else"),
]


@pytest.mark.parametrize(("tamper", "said"), [pytest.param(t, s, id=t.__name__) for t, s in TAMPERS])
def test_a_version_that_was_tampered_with_is_refused_and_the_champion_stays(
    tmp_path: Path, tamper: Callable[[Path], None], said: str
) -> None:
    bench = Bench(tmp_path)
    first = bench.champion()
    champion = Champion(bench.registry, "daily")
    champion.look()
    held = champion.current
    second = bench.champion()
    tamper(bench.file(second, "model.json"))
    assert not champion.look()
    assert champion.current is held
    assert said in champion.failure
    assert held is not None
    assert held.version == first


def test_a_folder_that_is_a_link_or_open_to_others_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    version = bench.candidate()
    folder = bench.file(version, "model.json").parent
    folder.chmod(0o755)
    with pytest.raises(ModelRefused, match="others may read"):
        bench.registry.load("daily", version)
    folder.chmod(0o700)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelRefused, match="it is a link"):
        bench.registry.load("daily", version)


def test_a_version_in_anothers_place_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    first, second = bench.candidate(), bench.candidate()
    there = bench.file(first, "model.json").parent
    there.rename(tmp_path / "gone")
    bench.file(second, "model.json").parent.rename(there)
    with pytest.raises(ModelRefused, match=f"its manifest is that of daily {second}"):
        bench.registry.load("daily", first)


@pytest.mark.parametrize("name", ["../up", "/etc", "a/b", "", "A", "x" * 33, "a\0b", "..", "a\n"])
def test_a_name_that_leads_elsewhere_is_none(tmp_path: Path, name: str) -> None:
    bench = Bench(tmp_path)
    source = put_source(tmp_path / "source")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ModelRefused, match="expected a name"):
        bench.registry.add(name, source, "ann")
    with pytest.raises(ModelRefused, match="expected a version"):
        bench.registry.load("daily", name)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["model.json", "reference.json", "card.json"])
def test_a_source_with_a_link_in_it_is_refused(tmp_path: Path, name: str) -> None:
    bench = Bench(tmp_path)
    source = put_source(tmp_path / "source")
    link(source / name)
    with pytest.raises(ModelRefused, match="it is a link"):
        bench.registry.add("daily", source, "ann")
    assert bench.registry.standings() == {}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        pytest.param("[" * 50_000, "too deep", id="very-deep"),
        pytest.param('{"a":' * 20 + "1" + "}" * 20, "16 levels", id="deep"),
        pytest.param("[1]", "expected an object", id="list"),
        pytest.param("{", "not JSON", id="torn"),
    ],
)
def test_a_hostile_reference_is_refused(tmp_path: Path, reference: str, said: str) -> None:
    bench = Bench(tmp_path)
    source = put_source(tmp_path / "source")
    (source / "reference.json").write_text(reference, encoding="utf-8")
    with pytest.raises(ModelRefused, match=said):
        bench.registry.add("daily", source, "ann")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"about": "\x1b]0;x\x07"}, "plain text", id="escape"),
        pytest.param({"schema": 3}, "schema", id="schema"),
        pytest.param({"more": 1}, "unknown field", id="unknown"),
        pytest.param({"feature_set": "fs-other"}, "the feature set fs-other", id="feature-set"),
        pytest.param({"train_end_ns": 0}, "begins before it ends", id="window"),
        pytest.param({"train_end_ns": (1 << 63) - 1}, "it would never grow old", id="never-old"),
        pytest.param({"data_rows": 0}, "data_rows", id="rows"),
        pytest.param({"data_sha256": "zz" * 32}, "data_sha256", id="hash"),
        pytest.param({"libraries": {f"l{n}": "1" for n in range(65)}}, "64 libraries", id="many"),
        pytest.param(
            {"metrics": {"auc": {"value": 0.9, "low": 0.1, "high": 0.2}}}, "its interval", id="interval"
        ),
        pytest.param({"parent": "../../x"}, "expected a version", id="parent"),
        pytest.param({"parent": "0" * 16}, "is no version of daily", id="no-parent"),
    ],
)
def test_a_hostile_card_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(ModelRefused, match=said):
        bench.candidate(**changes)
    assert bench.registry.standings() == {}
