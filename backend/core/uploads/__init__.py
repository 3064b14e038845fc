"""Files on their way in: chunk by chunk to disk, resumable."""
