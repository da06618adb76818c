"""`python -m annotrain.probe`: a container's health check. Standard library only, so it costs little every ten seconds.

A web process that reaches its database is healthy, even while no worker runs: its pages work, and taking it away would
not bring the worker back. What people can do is `usable` on /healthz.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def is_healthy(port: int, host: str) -> bool:
    """Whether the web process on this machine answers and reaches its database."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=4) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.loads(error.read()) if error.code == 503 else {}
    except (OSError, ValueError):
        return False
    return answer.get("database") is True


if __name__ == "__main__":
    allowed = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*")
    sys.exit(0 if is_healthy(int(os.environ.get("GRANIAN_PORT", "8000")), allowed or "localhost") else 1)
