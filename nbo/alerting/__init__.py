"""Customers at risk: why, what is at stake, what to do, and who does it."""

__all__: list[str] = []
