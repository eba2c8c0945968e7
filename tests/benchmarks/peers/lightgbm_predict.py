"""What LightGBM's own Booster takes for one row, one thread: `python lightgbm_predict.py MODEL ROWS ROUNDS`.

Prints JSON, with nothing in it where LightGBM is not installed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(model: Path, rows: Path, rounds: int) -> None:
    try:
        import lightgbm  # noqa: PLC0415  # it may not be there
        import numpy as np  # noqa: PLC0415
    except ImportError:
        print("{}")
        return
    booster = lightgbm.Booster(model_file=str(model), params={"num_threads": 1})
    matrix = [np.array([each["row"]]) for each in json.loads(rows.read_text(encoding="utf-8"))]
    best = float("inf")
    for _ in range(rounds):
        took = []
        for _ in range(40):
            for row in matrix:
                began_ns = time.thread_time_ns()
                booster.predict(row, num_threads=1)
                took.append(time.thread_time_ns() - began_ns)
        best = min(best, sorted(took)[len(took) // 2])
    print(json.dumps({"us": best / 1_000}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
