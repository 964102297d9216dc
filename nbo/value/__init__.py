"""What customers bring in and what they cost, to the cent."""

__all__: list[str] = []
