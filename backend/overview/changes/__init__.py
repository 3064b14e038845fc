"""The audit log: every change, whoever made it, newest first."""
