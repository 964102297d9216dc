"""Labels of customers at several moments: the same customers, the same names."""
