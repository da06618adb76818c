"""Settings of the real worker processes that tests start: the test's database, and bodies that misbehave."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.apps.MisbehavingJobs"]
DATABASES["default"]["NAME"] = os.environ["TEST_WORKER_DATABASE"]
