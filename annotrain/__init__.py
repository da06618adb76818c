"""Wiring of the product: settings, root URLs, health and the one-command runner. No domain code."""

__version__ = "0.1.0"
