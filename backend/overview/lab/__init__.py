"""The overview of the lab: stages, people, and what is stuck."""
