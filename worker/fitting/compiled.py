"""How the inner loops are compiled."""

from __future__ import annotations

from typing import Final

FAST: Final = {"reassoc", "contract", "arcp", "nsz"}
"""Sums may be reordered, so that they vectorise; NaN and infinity keep their meaning."""
