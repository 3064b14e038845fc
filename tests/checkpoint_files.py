"""Files shaped like PyTorch's checkpoints, made without torch."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path

Shape = Sequence[int]


def _text(text: str) -> bytes:
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def _tuple(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def _tensor(key: str, shape: Shape) -> bytes:
    storage = _tuple(
        _text("storage"), b"ctorch\nFloatStorage\n", _text(key), _text("cpu"), _number(prod(shape))
    )
    hooks = b"ccollections\nOrderedDict\n" + b")R"
    sizes, strides = _tuple(*map(_number, shape)), _tuple(*[_number(1)] * len(shape))
    arguments = _tuple(storage + b"Q", _number(0), sizes, strides, b"\x89", hooks)
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"R"


def index_bytes(tensors: Mapping[str, Shape], mark: str = "", further: bytes = b"") -> bytes:
    """The pickle of ``{"state_dict": {name: tensor}, "meta": {mark: True}}``."""
    pairs = b"".join(
        _text(name) + _tensor(str(i), shape) for i, (name, shape) in enumerate(tensors.items())
    )
    meta = b"}(" + (_text(mark) + b"\x88" if mark else b"") + b"u"
    return (
        b"\x80\x02}(" + _text("state_dict") + b"}(" + pairs + b"u" + _text("meta") + meta
        + further + b"u."
    )  # fmt: skip


def write_checkpoint_of(
    path: Path,
    tensors: Mapping[str, Shape],
    *,
    seed: int = 1,
    mark: str = "",
    index: bytes | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> bytes:
    """Write a checkpoint with random numbers; returns its bytes."""
    numbers = random.Random(seed)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", index or index_bytes(tensors, mark))
        for i, shape in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{i}", numbers.randbytes(4 * prod(shape)))
    return path.read_bytes()
