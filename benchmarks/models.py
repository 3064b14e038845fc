"""The models that recipes train: do they build, step and predict, and how large are they?

    python -m benchmarks.models --build [--only hrnet-w32 …] [--json built.jsonl]

builds each network of InfantNet's Table 3 and each RTMO with random numbers, one after another in
processes of their own: one step of its own optimiser on two pictures of noise, then one prediction.
It prints the number of parameters beside the published one, seconds of one processor core (wall
time tells little on a busy machine), and the peak of memory. Nothing is learnt, and no published
weights are needed or read.

Without a GPU ViTPose-H takes about 12 GiB, most of it the optimiser's; where less is free, it is
said and left out. Results are kept as they come in the file that ``--json`` names; what stands
there is not measured again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import warnings
from pathlib import Path
from typing import Any

import psutil
import torch

from backend.models.checkpoints.top_down import BY_NAME, TOP_DOWN
from benchmarks.networks import one
from worker.training.recipes import all_recipes

RTMO = {"rtmo-t": None, "rtmo-s": 9.9, "rtmo-m": 22.6, "rtmo-l": 44.8}
"""Millions of parameters, by the paper's table (Lu et al., CVPR 2024); it has no t."""
NEEDS_GIB = {"vitpose-h": 13.0, "vitpose-l": 6.5}
TOLERANCE = 0.01
BATCH = 2


def published(name: str) -> tuple[float | None, str, str]:
    """Millions, what they count, who says so."""
    if name in BY_NAME:
        row = BY_NAME[name]
        return row.millions, row.counted, row.source
    return RTMO[name], "network", "Lu et al., RTMO (CVPR 2024)"


def build(name: str) -> dict[str, Any]:
    free = psutil.virtual_memory().available / 2**30
    if free < NEEDS_GIB.get(name, 0):
        return {"name": name, "fault": f"{NEEDS_GIB[name]:g} GiB are needed, {free:.1f} are free"}
    # A process of its own, so that its peak of memory is this network's alone; forked, so that the
    # libraries are imported once.
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_build, args=(name, there))
    process.start()
    there.close()
    try:
        found: dict[str, Any] = here.recv()
    except EOFError:
        found = {"name": name, "fault": "the process died"}
    process.join()
    return found


def _build(name: str, told: Any) -> None:
    try:
        told.send(one.run(name, BATCH))
    except Exception as error:
        told.send({"name": name, "fault": (str(error) or type(error).__name__).splitlines()[0]})


def line(found: dict[str, Any]) -> tuple[str, bool]:
    """A row of the table, and whether it is as it should be."""
    name = found["name"]
    if "fault" in found:
        return f"| {name} | not run: {found['fault']} |", False
    millions, counted, source = published(name)
    own = found["backbone" if counted == "backbone" else "parameters"] / 1e6
    off = None if millions is None else own / millions - 1
    told = "nobody says" if millions is None else f"{millions:g} ({counted}; {source})"
    size = "×".join(map(str, reversed(found["size"])))
    return (
        f"| {name} | {size} | {found['parameters'] / 1e6:.2f} | {found['backbone'] / 1e6:.2f} |"
        f" {told} | {'–' if off is None else f'{100 * off:+.1f} %'} | {found['build_s']:.0f} |"
        f" {found['step_s']:.1f} | {found['predict_s']:.2f} | {found['peak_gib']:.1f} |",
        off is None or abs(off) <= TOLERANCE,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*(row.name for row in TOP_DOWN), *RTMO]
    parser.add_argument("--build", action="store_true", help="what it does; there is no other yet")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, help="keep results here, and go on from it")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    all_recipes()
    kept: dict[str, dict[str, Any]] = {}
    if arguments.json is not None and arguments.json.is_file():
        lines = arguments.json.read_text().splitlines()
        kept = {found["name"]: found for found in map(json.loads, lines) if "fault" not in found}
    head = "| | input | parameters, M | backbone, M | published, M | off | build, s | step, s"
    print(head + " | prediction, s | peak, GiB |")
    sound = []
    for name in arguments.only:
        found = kept.get(name) or build(name)
        if arguments.json is not None and name not in kept:
            with arguments.json.open("a") as stream:
                stream.write(json.dumps(found) + "\n")
        text, fine = line(found)
        sound.append(fine)
        print(text, flush=True)
    print(f"{sum(sound)} of {len(sound)} are as they should be.")
    return 0 if all(sound) else 1


if __name__ == "__main__":
    raise SystemExit(main())
