"""Scores for people who are not yet customers, and what sales to expect."""

__all__: list[str] = []
