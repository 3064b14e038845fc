"""How the cameras' clocks of a session compare, and pairing its frames by them."""
