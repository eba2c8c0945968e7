"""What onnxruntime takes for one row, one thread: `python onnx_predict.py MODEL ROWS ROUNDS`; each row is an array already.

Prints JSON, with nothing in it where onnxruntime is not installed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

PREDICTS = 2_000


def main(model: Path, rows: Path, rounds: int) -> None:
    try:
        import numpy as np  # noqa: PLC0415  # they may not be there
        import onnxruntime  # noqa: PLC0415
    except ImportError:
        print("{}")
        return
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    inputs = [{"row": np.array([each])} for each in json.loads(rows.read_text(encoding="utf-8"))]
    best = float("inf")
    for _ in range(rounds):
        took = []
        for number in range(PREDICTS):
            row = inputs[number % len(inputs)]
            began_ns = time.thread_time_ns()
            session.run(None, row)
            took.append(time.thread_time_ns() - began_ns)
        best = min(best, sorted(took)[PREDICTS // 2])
    print(json.dumps({"us": best / 1_000}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
