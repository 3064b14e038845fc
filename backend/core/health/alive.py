"""Whether this host's worker lives: ``python -m backend.core.health.alive``.

Exit status 0 when it gave a sign of life lately, 1 when not.
"""

from __future__ import annotations

import socket
import sys

from backend.core.health.workers import living_workers
from backend.core.settings import get_settings


def main() -> int:
    """Look for this host's worker among the living."""
    here = f"{socket.gethostname()}:"
    return 0 if any(w.name.startswith(here) for w in living_workers(get_settings())) else 1


if __name__ == "__main__":
    sys.exit(main())
