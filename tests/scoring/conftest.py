"""Hypothesis draws the same examples on every run, so that the suite does not fail by chance.

`HYPOTHESIS_PROFILE=explore` looks for new ones, `HYPOTHESIS_PROFILE=deep` for many more.
"""

import os

from hypothesis import settings

settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.register_profile("deep", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
