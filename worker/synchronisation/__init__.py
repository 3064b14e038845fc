"""How far the clocks of several cameras are apart: by timecode, by sound, by motion.

Session time = camera time + ``offset_ms`` / 1000 + ``drift_ppm`` · 1e-6 · camera time, where camera
time counts seconds from the video's first frame. The first camera that could be measured has
offset 0 and drift 0.
"""
