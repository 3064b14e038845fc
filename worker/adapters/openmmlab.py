"""The one place that imports mmpose, and what it takes to import it.

None of the models here needs mmcv's compiled operators, but ``mmpose.models`` imports every
architecture of the library, and some of those look for the compiled module ``mmcv._ext`` at import.
It does not build against current torch, so ``mmcv-lite`` is installed, which has no such module.
While mmpose is being imported, a module stands in whose functions say so when called; afterwards it
is taken out again, because mmengine asks whether mmcv was compiled by looking for it.

``xtcocotools`` has no wheels for numpy 2. It is pycocotools with additions for whole-body data,
which none of the imported code uses for the body's 17 joints; pycocotools takes its name.

ViTPose's transformer is in mmpretrain, which takes seconds to import; it is imported when one is
built, and hidden from mmdet, which would import it for models that follow people through films.
"""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

from backend.domain.errors import Conflict

_COCO_PARTS: Final = ("", ".coco", ".cocoeval", ".mask")
_TRANSFORMERS: Final = "mmpretrain"


class _AbsentOperators(types.ModuleType):
    """A module that has every function, none of which works."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def absent(*_args: object, **_kwargs: object) -> NoReturn:
            raise Conflict(
                f"This model needs mmcv’s compiled operator “{name}”, which is not installed: it"
                " does not build against the current torch. Models without such operators work.",
                operator=name,
            )

        return absent


@cache
def registry() -> Any:
    """mmpose's registry of models, with all its and mmdet's architectures registered.

    Raises:
        ModuleNotFoundError: the model packages are not installed.
    """
    hidden = _TRANSFORMERS not in sys.modules
    with _stand_ins():
        if hidden:
            sys.modules[_TRANSFORMERS] = None  # type: ignore[assignment]
        try:
            importlib.import_module("mmpose.models")
            importlib.import_module("mmdet.models")
        finally:
            if hidden:
                del sys.modules[_TRANSFORMERS]
    from mmengine.registry import init_default_scope
    from mmpose.registry import MODELS

    init_default_scope("mmpose")
    return MODELS


@cache
def _transformers() -> None:
    """Register mmpretrain's architectures."""
    with _stand_ins():
        importlib.import_module(f"{_TRANSFORMERS}.models")


def configuration(file: str) -> Any:
    """One of the configurations that mmpose comes with; each call gives one of its own.

    Args:
        file: Below its folder ``configs``, such as ``body_2d_keypoint/rtmo/….py``.
    """
    registry()
    import mmpose
    from mmengine.config import Config

    folder = Path(mmpose.__file__).parent / ".mim" / "configs"
    read = Config.fromfile(folder / file, import_custom_modules=False)
    for module in read.get("custom_imports", {}).get("imports", ()):
        importlib.import_module(module)
    return read


def build(described: Mapping[str, Any]) -> Any:
    """A model, or a part of one, by its description in mmpose's terms.

    Nothing is downloaded: a start that the description names (``init_cfg``) is left out by whoever
    calls.

    Raises:
        Conflict: it cannot be built without one of mmcv's compiled operators.
    """
    models = registry()
    if _mentions(described, _TRANSFORMERS + "."):
        _transformers()
    return models.build(described)


def _mentions(described: Any, beginning: str) -> bool:
    """Whether something in a description is of a type whose name begins so."""
    if isinstance(described, Mapping):
        kind = described.get("type")
        named = isinstance(kind, str) and kind.startswith(beginning)
        return named or any(_mentions(part, beginning) for part in described.values())
    if isinstance(described, list | tuple):
        return any(_mentions(part, beginning) for part in described)
    return False


@contextmanager
def _stand_ins() -> Iterator[None]:
    for part in _COCO_PARTS:
        sys.modules.setdefault("xtcocotools" + part, importlib.import_module("pycocotools" + part))
    sys.modules["mmcv._ext"] = _AbsentOperators("mmcv._ext")
    try:
        with warnings.catch_warnings():
            # Deprecations inside the libraries; nothing that a reader of the log could act on.
            warnings.simplefilter("ignore")
            yield
    finally:
        del sys.modules["mmcv._ext"]
