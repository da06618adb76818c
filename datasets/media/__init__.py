"""Decoders of everything that has frames: pure functions without Django, run in a process of their own.

`child` is that process; `datasets/decoding.py` starts it under limits and reads what it writes. A file that crashes a
decoder, or wants too much memory or time, ends that process and nothing else.
"""
