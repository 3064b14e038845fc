"""What several cameras make possible: calibration, clocks, scans, body models, body fits.

Belongs here: whatever needs more than one view of a moment, or a body in space.
"""
