"""The web server: gunicorn with threads, and in the embedded default the loops beside it."""

import gc

from django.conf import settings
from gunicorn.app.base import BaseApplication


class Server(BaseApplication):
    """One worker with threads, so that one process holds the web and the loops."""

    def __init__(self, *, bind: str, workers: int, threads: int, with_loops: bool):
        self.settings = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 10,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_worker_init": _begin_with_loops if with_loops else _begin,
        }
        if with_loops:
            self.settings["worker_exit"] = _stop_loops
        super().__init__()

    def load_config(self):
        for key, value in self.settings.items():
            self.cfg.set(key, value)

    def load(self):
        from traceability.wsgi import application

        return application


def _begin(worker):
    # What is loaded stays: else each collection during a large page looks through all of it.
    gc.collect()
    gc.freeze()


def _begin_with_loops(worker):
    from traceability import loops

    _begin(worker)
    loops.start()


def _stop_loops(server, worker):
    from traceability import loops

    loops.stop()


def has_loops() -> bool:
    """Whether this process does the work itself; with a broker, Celery's workers do."""
    return not settings.CELERY_BROKER_URL
