"""Who used the processors: the whole machine, and each part of what this process has started."""

from collections.abc import Mapping
from contextlib import suppress

import psutil

GATEWAY, BEHIND, POOLER, DATABASE = "gateway", "account and keys", "PgBouncer", "PostgreSQL"
DEVICES = "devices themselves"
# By words of the command line; the first that stands in it tells.
PARTS = {
    "handlers.gateway": GATEWAY,
    "handlers.account": BEHIND,
    "handlers.keys": BEHIND,
    "pgbouncer": POOLER,
    "postgres": DATABASE,
}


def busy_s() -> float:
    """Return the seconds that all cores of the machine have worked."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def used_s() -> Mapping[str, float]:
    """Return the seconds that each part has used so far; this process is the devices."""
    here = psutil.Process()
    used = {DEVICES: here.cpu_times().user + here.cpu_times().system}
    used |= dict.fromkeys(PARTS.values(), 0.0)
    for process in here.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            words = " ".join(process.cmdline())
            part = next((name for word, name in PARTS.items() if word in words), None)
            if part:
                times = process.cpu_times()
                # What ended meanwhile is in the count of whoever waited for it.
                ended = times.children_user + times.children_system
                used[part] += times.user + times.system + ended
    return used
