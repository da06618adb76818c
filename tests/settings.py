"""The product's settings with what only tests need: a throw-away state directory, quick passwords, strict templates."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Everything a test writes lives here; the operating system's temporary directory keeps socket paths short.
if "ANNOTRAIN_TEST_STATE_DIR" not in os.environ:  # processes that a test starts share their parent's
    os.environ["ANNOTRAIN_TEST_STATE_DIR"] = tempfile.mkdtemp(prefix="annotrain-test-")
    atexit.register(shutil.rmtree, os.environ["ANNOTRAIN_TEST_STATE_DIR"], ignore_errors=True)
TEST_STATE_DIR = Path(os.environ["ANNOTRAIN_TEST_STATE_DIR"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["ANNOTRAIN_STATE_DIR"] = str(TEST_STATE_DIR / WORKER)
os.environ.pop("REDIS_URL", None)  # tests have a Redis of their own
os.environ.pop("STORAGE_URL", None)

from annotrain.settings import *  # noqa: E402, F403
from annotrain.settings import DATABASES, STATE_DIR, TEMPLATES  # noqa: E402
from tests.strict_templates import UndefinedVariable  # noqa: E402

STATE_DIR.mkdir(parents=True, exist_ok=True)
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("%s")
WHITENOISE_AUTOREFRESH = True
GALLERY = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the product: live server, workers and threads then meet SQLite's real locking.
    DATABASES["default"]["TEST"] = {"NAME": str(STATE_DIR / "test.sqlite3")}
