"""Subgroups of customers who accept an offer more often, found while answers come in."""
