"""What sets customers apart: tests of traits, and distances between profiles."""
