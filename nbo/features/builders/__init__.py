"""Feature builders, by data type."""
