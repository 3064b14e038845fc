"""Building the networks of the recipes, each in a process of its own."""
