"""The reference models: trained on the simulated world, and measured on later rows."""
