"""Label Studio: its full JSON export."""
