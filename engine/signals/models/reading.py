"""From the bytes of `model.json` to a model: bounded, strict, and nothing of it is run."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.signals.models.boosted import Trees
from engine.signals.models.bounds import BYTES_MAX, check_common, check_count
from engine.signals.models.logistic import Logistic
from engine.signals.models.model import Model
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import Golden, Linear, ModelFile

_decode: Final = msgspec.json.Decoder(ModelFile).decode


class Read(NamedTuple):
    """A model, and what it has to predict."""

    model: Model
    golden: tuple[Golden, ...]


def read_model(content: bytes) -> Read:
    """Read a model.

    Raises:
        ModelRefused: says what was found and what was expected.
    """
    return model_of(read_file(content))


def read_file(content: bytes) -> ModelFile:
    """Return what `model.json` holds; whether that is a model, `model_of` says.

    Raises:
        ModelRefused: it is too large, or holds something else.
    """
    check_count("model.json: bytes", len(content), 1, BYTES_MAX)
    try:
        file: ModelFile = _decode(content)
    except UNDECODABLE as error:
        raise ModelRefused(f"model.json: {clean(str(error), 160)}") from None
    return file


def model_of(file: ModelFile) -> Read:
    """Return the model that a file describes.

    Raises:
        ModelRefused: says what was found and what was expected.
    """
    try:
        check_common(file)
        model: Model = Logistic(file) if isinstance(file, Linear) else Trees(file)
    except ModelRefused as error:
        raise ModelRefused(f"model.json: {error}") from None
    return Read(model, tuple(file.golden))


def written(file: ModelFile) -> bytes:
    """Return a model as `model.json` has it; numbers come back as they were, to the last bit."""
    return msgspec.json.encode(file) + b"\n"
