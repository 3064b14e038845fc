"""Body fits as a plain numpy archive without pickles, described in ``docs/export.md``."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import BodyFits


def write(fits: BodyFits, target: BinaryIO, options: WriteOptions) -> Written:
    """Write body fits as ``.npz``.

    Lengths are metres, image coordinates continuous, as in the cameras that the file holds; there
    is no joint in pixels in it, only distances.

    Args:
        fits: What to write.
        target: Where to write. Left open. On an error it holds half a file.
        options: Nothing of them bears on this format.
    """
    np.savez_compressed(target, **fits.arrays)  # type: ignore[arg-type]
    return Written(fits=fits.count)
