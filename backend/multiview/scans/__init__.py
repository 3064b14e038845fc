"""Point clouds and depth images of a recording: attached, listed, removed."""
