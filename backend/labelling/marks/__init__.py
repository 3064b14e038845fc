"""An inspector's marks on frames: good, or to be revised."""
