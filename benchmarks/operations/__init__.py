"""The verbs of training projects."""
