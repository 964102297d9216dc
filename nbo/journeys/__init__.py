"""Where a customer stands on the way, what comes next, and what it is about."""

__all__: list[str] = []
