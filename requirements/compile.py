"""Compile the hashed lock files from pyproject.toml, all with the same versions: ``make lock``.

Versions that are locked already stay unless pyproject.toml forbids them or ``--upgrade`` is given.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
EXTRAS = ("models", "dev", "synthesis")
"""Groups of packages beside the base; each lock holds the base as well."""
SINGLE = ("uv", "redis", "node")
"""Programs that the set-up fetches one by one."""


def main() -> None:
    """Write every ``requirements/*.txt``."""
    command = [str(ROOT / ".venv" / "bin" / "uv"), "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    command += ["--no-header", "--no-annotate", *sys.argv[1:]]

    def compile_(*arguments: str | Path) -> None:
        subprocess.run([*command, *map(str, arguments)], cwd=ROOT, check=True)

    with tempfile.TemporaryDirectory() as folder:
        everything = Path(folder) / "everything.txt"
        locks = (FOLDER / f"{name}.txt" for name in EXTRAS)
        everything.write_text("\n".join(lock.read_text() for lock in locks if lock.exists()))
        extras = [word for name in EXTRAS for word in ("--extra", name)]
        compile_(*extras, "pyproject.toml", "-o", everything)
        for name in ("base", *EXTRAS):
            extra = [] if name == "base" else ["--extra", name]
            lock = FOLDER / f"{name}.txt"
            compile_(*extra, "-c", everything, "pyproject.toml", "-o", lock)
    for name in SINGLE:
        compile_("--no-deps", FOLDER / f"{name}.in", "-o", FOLDER / f"{name}.txt")


if __name__ == "__main__":
    main()
