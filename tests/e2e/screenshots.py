"""Pictures for README and docs: taken on the way by the tests, of the rendered demo only.

``INFANTNET_SCREENSHOTS=docs/screenshots .venv/bin/python -m pytest tests/e2e/test_demo_chain.py``
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.e2e.accessibility import check_accessible

FOLDER = "INFANTNET_SCREENSHOTS"
MAX_BYTES = 250_000
SETTLED = """() => document.fonts.status === 'loaded'
  && [...document.images].every((image) => image.complete)
  && document.querySelector('[aria-busy="true"]') === null"""

PAINTED = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => done()));
})"""

MASKS_HERE = """async () => {
  for (const element of document.querySelectorAll('[style*="mask-image"]')) {
    const image = new Image();
    image.src = /url\\("?([^")]+)/.exec(element.style.maskImage)[1];
    await image.decode();
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def demo_environment() -> dict[str, str]:
    """Settings of a demo whose pre-labels are looked at and not judged.

    Pictures show those of a real model, as users have them; else they are simulated, in no time.
    """
    return {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "1" if os.environ.get(FOLDER) else "0"}


def take(page: Page, name: str) -> None:
    """Keep what the page shows as ``name.webp``, where pictures were asked for.

    What is worth a picture has to be accessible: that is checked each time.
    """
    page.wait_for_function(SETTLED)
    page.evaluate(PAINTED)
    check_accessible(page)
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    page.mouse.move(0, 0)  # nothing lies under the pointer, nothing is highlighted
    page.evaluate(MASKS_HERE)
    path = Path(folder) / f"{name}.webp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(small(page.screenshot(animations="disabled", caret="hide")))


def small(png: bytes) -> bytes:
    """The picture as good as the size that docs can bear allows."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(92, 40, -6):
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=quality, method=6)
        if packed.tell() <= MAX_BYTES:
            break
    return packed.getvalue()
