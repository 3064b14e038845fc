"""How people work: time, actions, what was accepted and what came back."""
