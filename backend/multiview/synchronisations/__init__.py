"""How the cameras' clocks of a recording compare, and pairing its frames by them."""
