"""The command line: thin calls of the library's verbs."""

from nbo.cli.main import main

__all__ = ["main"]
