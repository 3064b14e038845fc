"""Files written from approved recordings."""
