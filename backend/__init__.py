"""The server of the infant pose annotation system: rules, database, services and web."""
