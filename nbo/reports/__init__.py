"""Reports for people: segments, goals, the whole program."""

__all__: list[str] = []
