"""Turn a training's checkpoint into the small file that ships.

    python -m worker.training.export --checkpoint training/last.pth \\
        --out backend/models/checkpoints/assets/rtmo-t-demo.pth --facts facts.json

Numbers become half precision, and what only training needs is left out. Beside the file goes a
description: hash, size and the given facts (``worker.training.measure --facts``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import torch

from backend.models.checkpoints.architectures import TRAINING_ONLY
from worker.adapters.weights import read_tensors

MAX_FILE_BYTES = 15_000_000
"""Bytes that a shipped checkpoint may have."""


def export(checkpoint: Path, out: Path, facts: dict[str, Any]) -> int:
    """Write the file and its description; returns its size in bytes.

    facts: goes into the description; ``variant`` and ``side`` tell how the network is built.

    Raises:
        ValueError: it would be larger than :data:`MAX_FILE_BYTES`.
    """
    tensors = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in read_tensors(checkpoint).items()
        if not name.startswith(TRAINING_ONLY)
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_suffix(".new")
    torch.save({"state_dict": tensors}, draft)
    size = draft.stat().st_size
    if size > MAX_FILE_BYTES:
        draft.unlink()
        raise ValueError(f"{size:,} bytes, and {MAX_FILE_BYTES:,} may ship")
    told = {"sha256": hashlib.sha256(draft.read_bytes()).hexdigest(), "bytes": size, **facts}
    draft.replace(out)
    out.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return size


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m worker.training.export", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--facts", type=Path, required=True, help="JSON for the description")
    options = parser.parse_args()
    facts = json.loads(options.facts.read_text(encoding="utf-8"))
    print(f"{options.out}: {export(options.checkpoint, options.out, facts):,} bytes")


if __name__ == "__main__":
    main()
