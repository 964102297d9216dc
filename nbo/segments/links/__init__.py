"""Who belongs together: links between customers, and the places of members."""
