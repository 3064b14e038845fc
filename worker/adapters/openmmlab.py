"""The one place that imports mmpose, and what it takes to import it.

RTMO needs none of mmcv's compiled operators, but ``mmpose.models`` imports every architecture of
the library, and some of those look for the compiled module ``mmcv._ext`` at import. It does not
build against current torch, so ``mmcv-lite`` is installed, which has no such module. While mmpose
is being imported, a module stands in whose functions raise when called; afterwards it is taken out
again, because mmengine asks whether mmcv was compiled by looking for it.

``xtcocotools`` has no wheels for numpy 2. It is pycocotools with additions for whole-body data,
which none of the imported code uses for the body's 17 joints; pycocotools takes its name.
"""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, NoReturn

_COCO_PARTS: Final = ("", ".coco", ".cocoeval", ".mask")


class _AbsentOperators(types.ModuleType):
    """A module that has every function, none of which works."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def absent(*_args: object, **_kwargs: object) -> NoReturn:
            raise RuntimeError(f"mmcv's compiled operator {name} is not installed")

        return absent


@cache
def registry() -> Any:
    """mmpose's registry of models, with all its and mmdet's architectures registered.

    Raises:
        ModuleNotFoundError: the model packages are not installed.
    """
    with _stand_ins(), warnings.catch_warnings():
        # Deprecations inside the libraries; nothing that a reader of the log could act on.
        warnings.simplefilter("ignore")
        importlib.import_module("mmpose.models")
        importlib.import_module("mmdet.models")
    from mmengine.registry import init_default_scope
    from mmpose.registry import MODELS

    init_default_scope("mmpose")
    return MODELS


@contextmanager
def _stand_ins() -> Iterator[None]:
    for part in _COCO_PARTS:
        sys.modules.setdefault("xtcocotools" + part, importlib.import_module("pycocotools" + part))
    sys.modules["mmcv._ext"] = _AbsentOperators("mmcv._ext")
    try:
        yield
    finally:
        del sys.modules["mmcv._ext"]
