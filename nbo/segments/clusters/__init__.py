"""Clusters of customers by what they do and need, as many as are stable."""
