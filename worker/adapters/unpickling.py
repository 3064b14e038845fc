"""Unpickles tensors and leaves everything else lifeless.

Checkpoints that mmengine wrote hold, beside the tensors, its log buffers; those are pickled with
references to methods, which torch's restricted reader refuses as a whole. Here each name outside a
short list becomes an object that can be made, called and filled, and does nothing; names from
places that no training framework writes are refused, since they are a sign of tampering.

The functions have the names of the module :mod:`pickle`, so that ``torch.load`` takes this module
in its place.
"""

from __future__ import annotations

import collections
import pickle
from typing import IO, Any, Final

import torch
from torch import _utils as rebuild

_TAKEN: Final[dict[tuple[str, str], Any]] = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch", "Size"): torch.Size,
    ("torch._utils", "_rebuild_tensor_v2"): rebuild._rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): rebuild._rebuild_parameter,
}

_LIFELESS: Final = (
    "__builtin__",
    "_codecs",
    "addict",
    "argparse",
    "builtins",
    "collections",
    "datetime",
    "mmcv",
    "mmdet",
    "mmengine",
    "mmpose",
    "numpy",
    "pathlib",
)
"""Packages whose names turn into objects that do nothing."""


class Lifeless:
    """Stands for anything that is not a tensor."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def __call__(self, *_args: Any, **_kwargs: Any) -> Lifeless:
        """Answer every call with itself."""
        return self

    def __setstate__(self, _state: Any) -> None:
        pass

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def append(self, _item: Any) -> None:
        """Take an item and forget it."""

    def extend(self, _items: Any) -> None:
        """Take items and forget them."""


class Unpickler(pickle.Unpickler):
    """Reads a pickle without looking up any name that it does not know."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """The object for a name.

        Raises:
            UnpicklingError: a name that no training framework writes.
        """
        taken = _TAKEN.get((module_name, global_name))
        if taken is not None:
            return taken
        if module_name == "torch" and isinstance(getattr(torch, global_name, None), torch.dtype):
            return getattr(torch, global_name)
        if module_name.split(".")[0] in _LIFELESS:
            return Lifeless
        raise pickle.UnpicklingError(f"it refers to {module_name}.{global_name}")


def load(file: IO[bytes], **kwargs: Any) -> Any:
    """As :func:`pickle.load`."""
    return Unpickler(file, **kwargs).load()
