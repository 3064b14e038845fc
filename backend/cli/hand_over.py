"""Commands of the workers' packages, of which the command line of the server knows nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def hand_over(module: str, arguments: Sequence[str]) -> NoReturn:
    """Become ``python -m module arguments``: whoever stops or waits for this process means that.

    Args:
        module: What to run; its exit codes are those of ``backend.cli.stop``.
        arguments: As they were typed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
