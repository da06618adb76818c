"""How often e-mails may be asked for without being logged in."""

from hashlib import sha256

from django.core.cache import cache

RESETS_PER_HOUR = 5
HOUR_S = 3600


def may_send_reset(email: str) -> bool:
    """Count one more reset link for the address; False when it had enough within the hour.

    Counted per server process (the cache is in memory), which keeps somebody's inbox usable and is no secret.
    """
    key = "reset:" + sha256(email.lower().encode()).hexdigest()
    cache.add(key, 0, HOUR_S)
    try:
        return cache.incr(key) <= RESETS_PER_HOUR
    except ValueError:  # it expired between the two calls
        return True
