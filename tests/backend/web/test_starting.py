"""What a web server loads before it answers: it is to be back soon after a kill."""

from __future__ import annotations

import subprocess
import sys


def test_the_application_starts_without_the_packages_of_numerical_work() -> None:
    show = "import sys, backend.web.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", show], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "fastapi" in loaded
    assert not {"scipy", "trimesh", "cv2", "av", "torch", "pycocotools"} & set(loaded)
