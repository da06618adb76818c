"""Two label files in, points and differences out: the scoring engine on the command line, without Django.

    python -m score_cli GOLD SUBMITTED [--function FUNCTION.json] [--json]      (./dev score does the same)

    from score_cli.compare_files import UnusableInput, compare_files
    comparison = compare_files(Path("gold.json"), Path("mine"))                # UnusableInput: a sentence
    comparison.summary()                                                       # what --json prints

Nothing is imported here, so that --help and complaints come at once.
"""
