"""Write the interface's description for the frontend's generated client.

``python -m backend.web.openapi [FILE]``; with ``--check`` only compare, exit status 1 on a
difference.
"""

from __future__ import annotations

import sys
from pathlib import Path

from backend.web.app import openapi_json

FILE = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"


def main(arguments: list[str]) -> int:
    """Write or compare; returns the exit status."""
    check = "--check" in arguments
    names = [a for a in arguments if not a.startswith("--")]
    file = Path(names[0]) if names else FILE
    wanted = openapi_json()
    if check:
        if not file.exists() or file.read_bytes() != wanted:
            print(f"{file} is out of date: run `python -m backend.web.openapi`", file=sys.stderr)
            return 1
        return 0
    file.write_bytes(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
