"""A version that was verified as an ONNX file, which is there once it was tried or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.errors import ConfigError
from engine.files import whole_file
from engine.model.text import clean
from engine.signals.exporting.onnx_graph import onnx_bytes
from engine.signals.exporting.onnx_trial import Agreed, try_onnx
from engine.signals.models.reading import model_of, read_file
from engine.signals.models.schema import ModelFile
from engine.signals.models.trial import check_golden
from engine.signals.registry.manifest import Manifest


class Exported(NamedTuple):
    """A file that was written."""

    sha256: str
    size_bytes: int
    agreed: Agreed


def write_onnx(manifest: Manifest, model_json: bytes, path: Path) -> Exported:
    """Write a version as an ONNX file, once onnxruntime predicts the same from the same bytes.

    Raises:
        ModelRefused: it predicts otherwise than its trainer had it, or than onnxruntime.
        ConfigError: something is there already, or it can't be written.
    """
    if os.path.lexists(path):
        raise ConfigError(f"--onnx: {clean(str(path))} is there already; expected the name of a new file")
    file = read_file(model_json)
    read = model_of(file)
    check_golden(read.model, read.golden)
    content = onnx_bytes(file, manifest.training.about, metadata(manifest, file))
    agreed = try_onnx(content, file, read.model)
    try:
        with whole_file(path) as out:
            out.write(content)
    except OSError as error:
        raise ConfigError(f"--onnx: {clean(str(path))}: {error.strerror or error}") from None
    return Exported(sha256(content).hexdigest(), len(content), agreed)


def metadata(manifest: Manifest, file: ModelFile) -> Mapping[str, str]:
    """Return what the file says of itself."""
    return {
        "name": manifest.name,
        "version": manifest.id,
        "model_json_sha256": manifest.files["model.json"],
        "feature_set": file.feature_set,
        "features": msgspec.json.encode(file.features).decode(),
        "label": manifest.training.label,
        "missing": "a row with a value that is missing or infinite has the probability NaN: no prediction",
    }
