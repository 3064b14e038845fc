"""Postures of a recording, as ranges of moments: painted, cleared, with everything ever said."""
