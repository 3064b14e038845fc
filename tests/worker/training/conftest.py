"""Training needs the model packages."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("mmpose") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    import torch

    from worker.adapters.openmmlab import registry

    registry()
    # Test processes share the machine's cores; threads that wait for each other would starve.
    torch.set_num_threads(1)
