"""Body fits as motions: AMASS' layout, TRC, C3D, and joint angles as CSV."""
