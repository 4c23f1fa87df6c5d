"""How gunicorn serves every service, on Fly Machines and on a developer's desk."""

import os
from pathlib import Path
from typing import Any

from shared import log, waking

bind = f"[{os.environ.get('BIND_HOST', '::')}]:{os.environ.get('PORT', '8080')}"

# One process that loads the app before it forks: least memory, and a broken app ends the boot.
workers = 1
worker_class = "gthread"
threads = 16
preload_app = True
# The fast parser has no ready-made builds: it would make every newcomer need a compiler, for 15 %
# of an app that does nothing. One parser everywhere also means one set of edge cases, and this
# one refuses folded lines, which the fast one takes.
http_parser = "python"

# Fly's proxy keeps connections for about 4 s; closing later than the proxy avoids a race.
keepalive = 10
# Never kill a worker for its silence: after a suspend the clock jumps by the whole night, and what
# gthread's sign of life tells is not whether a request hangs. Those have limits of their own.
timeout = 0
# Below the 20 s after which Fly kills.
graceful_timeout = 15
# The worker's sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 # it is memory
control_socket_disable = True

# Its own words as lines of JSON; requests are told by the app.
logconfig_dict = log.settings(
    os.environ.get("SERVICE", "local"), os.environ.get("LOG_LEVEL", "INFO")
)

# Believe nothing that a client says about who it is and where the app hangs.
forwarded_allow_ips = ""
forwarder_headers = ""
header_map = "refuse"


def pre_request(_worker: object, req: Any) -> None:
    """Let no request follow a chunked one: after a broken chunk nobody knows where it begins."""
    if any(name == "TRANSFER-ENCODING" for name, _ in req.headers):
        req.force_close()


def post_worker_init(worker: Any) -> None:
    """Load the app now that the port is open."""
    if isinstance(worker.wsgi, waking.Service):
        worker.wsgi.begin()
