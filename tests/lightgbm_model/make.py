"""Trains the small model beside this file and writes down what LightGBM predicts: `python tests/lightgbm_model/make.py`.

Needs lightgbm and numpy. The rows are noise around a made-up rule: what is tried is the walk, not the model. Some rows lie on thresholds.
"""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm
import numpy as np

HERE = Path(__file__).parent
FEATURES = ("ret_1", "ret_5", "rsi_14", "z_20", "gap")
ROUNDS, LEAVES, ROWS = 30, 7, 24


def main() -> None:
    random = np.random.default_rng(11)
    values = random.normal(size=(1_500, len(FEATURES)))
    labels = (values @ np.array([0.8, -0.5, 0.0, 0.4, 0.2]) + random.normal(size=1_500) > 0).astype(int)
    data = lightgbm.Dataset(values, labels, feature_name=list(FEATURES))
    settings = {"objective": "binary", "num_leaves": LEAVES, "verbosity": -1, "num_threads": 1, "seed": 3}
    booster = lightgbm.train(settings, data, ROUNDS)
    booster.save_model(HERE / "model.txt")
    rows = random.normal(size=(ROWS, len(FEATURES)))
    for row, tree in zip(rows, booster.dump_model()["tree_info"], strict=False):
        split = tree["tree_structure"]
        row[split["split_feature"]] = split["threshold"]
    told = [
        {"row": row.tolist(), "probability": float(p), "raw": float(raw)}
        for row, p, raw in zip(
            rows, booster.predict(rows), booster.predict(rows, raw_score=True), strict=True
        )
    ]
    (HERE / "predictions.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
