"""The models of lifting, postures and domain adaptation, trained and measured in small.

``python -m benchmarks.models_small --lifting --predicted --films --aims --bodies --fidip
--finetuning --order`` trains each on one core from bodies and renders that it makes, for each of
``--seeds``, and prints the tables of docs/benchmarks.md. Runs and renders are kept in ``--keep``
and are not made twice.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import cv2
import torch

from benchmarks.small.common import Lab

SECTIONS = ("lifting", "predicted", "films", "aims", "bodies", "fidip", "finetuning", "order")


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for section in SECTIONS:
        parser.add_argument(f"--{section}", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--keep", type=Path, help="folder of runs and renders")
    parser.add_argument("--adult", type=Path, help="An adult's body, made by make_open_infant.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    chosen = [s for s in SECTIONS if getattr(options, s)] or list(SECTIONS)
    with tempfile.TemporaryDirectory() as scratch:
        for section in chosen:
            lab = Lab(options.keep or Path(scratch), options.seeds)
            if section == "lifting":
                from benchmarks.small.lifting import single

                single(lab)
            elif section == "predicted":
                from benchmarks.small.lifting_predicted import predicted

                predicted(lab)
            elif section == "films":
                from benchmarks.small.lifting import temporal

                temporal(lab)
            elif section == "aims":
                from benchmarks.small.aims import postures

                postures(lab)
            elif section == "bodies":
                from benchmarks.small.bodies import bodies

                bodies(lab, options.adult)
            elif section == "fidip":
                from benchmarks.small.fidip import adaptation

                adaptation(lab)
            elif section == "finetuning":
                from benchmarks.small.finetuning import finetuning

                finetuning(lab)
            else:
                from benchmarks.small.finetuning import order

                order(lab)


if __name__ == "__main__":
    main()
