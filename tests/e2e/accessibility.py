"""What a page lacks for people who do not see it or use no mouse, as axe-core finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

AXE: Final = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
COLOURS: Final = ("color-contrast", "link-in-text-block")
"""What axe checks of colours."""
RUN: Final = """async (only) => {
  // A colour that has changed changes those of what it holds, one frame after the other.
  for (let moving = true; moving; ) {
    moving = false;
    for (const change of document.getAnimations()) {
      if (change.playState === 'finished') continue;
      try { change.finish(); moving = true; } catch { /* one without an end */ }
    }
    if (moving) await new Promise((done) => requestAnimationFrame(() => done()));
  }
  const rules = {'label-content-name-mismatch': {enabled: true}};
  const runOnly = only ? {type: 'rule', values: only} : undefined;
  const {violations} = await axe.run(document, {resultTypes: ['violations'], rules, runOnly});
  return violations.map(({id, help, nodes}) => (
    {id, help, where: nodes.map((node) => node.target.join(' '))}));
}"""


def complaints(page: Page, *, colours: bool = False) -> list[str]:
    """What axe finds on what the page shows now, or only in its colours."""
    if not page.evaluate("() => 'axe' in window"):  # half a megabyte of code to read
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN, [*COLOURS] if colours else None)
    return [
        f"{v['id']} ({v['help']}): {len(v['where'])}, {', '.join(v['where'][:3])}" for v in found
    ]


def check_accessible(page: Page) -> None:
    """Fail if axe finds anything."""
    told = complaints(page)
    assert not told, "\n".join(told)
