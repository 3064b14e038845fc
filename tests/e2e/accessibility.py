"""What a page lacks for people who do not see it or use no mouse, as axe-core finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

AXE: Final = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RUN: Final = """async () => {
  for (const change of document.getAnimations()) {
    try { change.finish(); } catch { /* one without an end */ }
  }
  const rules = {'label-content-name-mismatch': {enabled: true}};
  const {violations} = await axe.run(document, {resultTypes: ['violations'], rules});
  return violations.map(({id, help, nodes}) => (
    {id, help, where: nodes.map((node) => node.target.join(' '))}));
}"""


def complaints(page: Page) -> list[str]:
    """What axe finds on what the page shows now."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{v['id']} ({v['help']}): {len(v['where'])}, {', '.join(v['where'][:3])}" for v in found
    ]


def check_accessible(page: Page) -> None:
    """Fail if axe finds anything."""
    told = complaints(page)
    assert not told, "\n".join(told)
