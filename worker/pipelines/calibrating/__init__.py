"""Ways of a calibration job: boards, marked points, joints, and files."""
