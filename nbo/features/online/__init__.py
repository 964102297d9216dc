"""Features of the moment: rows in, one customer's features out."""
