"""Causes for which customers leave, found in their tables."""
