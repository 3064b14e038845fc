"""Which tools there are and where they live; nothing of them is imported before it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tool:
    """A command of ``infantnet tools``.

    module: where it lives. function: the typer command function in it. about: one line for the
    list of commands, which is shown without importing the module.
    """

    module: str
    function: str
    about: str

    @property
    def present(self) -> bool:
        """Whether this installation has the module."""
        return importlib.util.find_spec(self.module) is not None

    def load(self) -> Callable[..., Any]:
        """Import the module and return its command."""
        function: Callable[..., Any] = getattr(importlib.import_module(self.module), self.function)
        return function


TOOLS: dict[str, Tool] = {
    "calibrate-intrinsics": Tool(
        "worker.tools.calibrate", "calibrate_intrinsics", "Lens and focal length from board images."
    ),
    "calibrate-extrinsics": Tool(
        "worker.tools.calibrate", "calibrate_extrinsics", "Where the cameras stand, from boards."
    ),
    "refine-cameras": Tool(
        "worker.tools.refine", "refine_cameras", "Cameras adjusted to the joints of a recording."
    ),
    "convert-cameras": Tool(
        "worker.tools.convert_cameras",
        "convert_cameras",
        "Camera files of one program for another.",
    ),
    "board": Tool("worker.tools.board", "board", "A calibration board to print, at true size."),
    "convert": Tool("worker.tools.convert", "convert", "Labels of one tool for another."),
    "triangulate": Tool(
        "worker.tools.triangulate", "triangulate", "Joints in 3D from joints in several views."
    ),
    "sync": Tool("worker.tools.sync", "sync", "Time offsets and drift between videos."),
    "evaluate": Tool(
        "worker.tools.evaluate", "evaluate_files", "Measure predictions against ground truth."
    ),
    "fit": Tool("worker.tools.fit", "fit", "Fit the infant body to joints, masks and scans."),
    "bench-bodies": Tool(
        "worker.tools.bench_bodies", "bench_bodies", "InfantNet's Table 4: bodies from one image."
    ),
    "recipes": Tool("worker.tools.train", "recipes", "Models that can be trained."),
    "train": Tool("worker.tools.train", "train", "Train a model on a release or on renders."),
    "predict": Tool("worker.tools.predict", "predict", "Joints of a split's or of any images."),
    "bench": Tool("worker.tools.bench", "bench", "A paper's table, filled on a set of one's own."),
    "check-splits": Tool(
        "worker.tools.check_splits", "check_splits", "Infants, videos and images in two splits."
    ),
    "clean-store": Tool(
        "worker.tools.clean_store", "clean_store", "Metadata out of photographs stored long ago."
    ),
}
