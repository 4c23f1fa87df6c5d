"""A service that answers its health check while the rest of it is still loading.

gunicorn opens the port once the app is there. Falcon, the driver of the database and the schemas
take twice as long to load as everything before them; so they are loaded after that, in the worker,
and a request that needs them waits. What the environment says is read before the port is open: a
missing variable ends the boot.
"""

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

BODY = b'{"status": "ok"}'
HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(BODY))),
    ("Cache-Control", "no-store"),
]
BOOT_FAILED = 3  # gunicorn's WORKER_BOOT_ERROR: it ends, instead of starting another worker

LOG = logging.getLogger("keyarc")


class Service:
    """A WSGI app: what *load* returns, and until then *health* alone."""

    def __init__(self, health: str, load: Callable[[], Wsgi]) -> None:
        self._health = health
        self._load = load
        self._app: Future[Wsgi] = Future()

    def begin(self) -> None:
        """Load in the background. For the worker: threads do not survive its fork."""
        threading.Thread(target=self._begin, name="load", daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, or wait until it can be answered."""
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if asked == ("GET", self._health) and not self._app.done():
            start_response("200 OK", HEADERS)
            return [BODY]
        return self._app.result()(environ, start_response)

    def _begin(self) -> None:
        gc.disable()  # nothing of what loads is ever garbage
        try:
            self._app.set_result(self._load())
        except BaseException:
            LOG.exception("not loaded")
            os._exit(BOOT_FAILED)  # a machine that can only say that it is well is not
        gc.freeze()
        gc.enable()
