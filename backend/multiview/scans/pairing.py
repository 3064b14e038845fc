"""Which frame a scan belongs to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_

from backend.core.database.tables import Frame, Scan

SCAN_FRAME: Final = and_(Frame.camera_id == Scan.camera_id, Frame.source_frame == Scan.source_frame)
"""The frame, and with it the moment, that a scan belongs to."""
