"""Body regressors: what they share beside the recipe, the loop and the material.

Frames: everything is in the camera of a crop (:mod:`worker.training.bodies.crops`), x right, y
down, z forward, metres. A body is betas, 24 rotations, a scale and the place of its pelvis.
"""
