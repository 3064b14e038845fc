"""Learns the motion prior of sequences (``worker/fitting/motion.py``).

    python -m benchmarks.bodies.learn_motion                     from the synthesis' motions
    python -m benchmarks.bodies.learn_motion --fits a.npz b.npz  from fitted recordings

Without ``-o`` it is printed. The shipped one is of seed 101, which no benchmark takes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import open_body
from benchmarks.bodies.motions import motion
from worker.fitting.files import read_fits
from worker.fitting.motion import learn_motion
from worker.fitting.rig import basis_of

Array = NDArray[np.float64]
SEED = 101


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=28, help="motions of the synthesis")
    parser.add_argument("--fits", type=Path, nargs="*", help="fits of recordings instead")
    parser.add_argument("--noise-mm", type=float, default=0.0, help="of the fits' joints")
    parser.add_argument("-o", "--out", type=Path)
    options = parser.parse_args()
    active = [3 * j + i for j in basis_of(open_body()).active[1:] for i in range(3)]
    paths: list[tuple[Array, Array, Array]] = []
    if options.fits:
        source = f"{len(options.fits)} fitted recordings"
        for file in options.fits:
            fit = read_fits(file)
            good = fit.gate_passed & np.isfinite(fit.time_s)
            paths.append((fit.time_s[good], fit.joints3d_coco[good], fit.pose[good][:, active]))
    else:
        source = f"{options.count} motions of the synthesis, seed {SEED}, 10, 30 and 60 a second"
        for number in range(options.count):
            moved = motion(SEED, number).at((10.0, 30.0, 60.0)[number % 3])
            paths.append((moved.times, moved.coco, moved.pose[:, active]))
    prior = learn_motion(paths, source, options.noise_mm / 1000)
    if options.out:
        options.out.write_text(prior.to_json(), encoding="utf-8")
    else:
        print(prior.to_json(), end="")


if __name__ == "__main__":
    main()
