"""Data that ships with the product: NOTICE.md has sources and licences, catalogue.py reads it."""
