"""Where cameras stand and how their lenses bend rays: from boards, scene points and files.

Corners and clicked points inside this package are in OpenCV's convention (0 at the centre of the
first pixel), because OpenCV finds and uses them; cameras are in ours, converted by
``Camera.from_opencv`` and ``Camera.to_opencv``.
"""
