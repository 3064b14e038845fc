"""Which joints of a recording probably need a hand: looked at in the background, and queued."""
