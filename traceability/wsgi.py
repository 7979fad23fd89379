"""The WSGI application that a production server imports; it takes no request that was cut off."""

import os

from django.core.exceptions import BadRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceability.settings")
django_application = get_wsgi_application()


class WholeBody:
    """The body of a request, of which every byte that was announced must come.

    Django reads what there is: of a form whose connection broke, 3 for 30, or an import without
    its tick for a dry run.
    """

    def __init__(self, stream, length: int):
        self._stream, self._missing = stream, length

    def read(self, size: int = -1) -> bytes:
        wanted = self._missing if size is None or size < 0 else min(size, self._missing)
        parts = []
        while wanted:
            parts.append(self._took(self._stream.read(wanted)))
            wanted -= len(parts[-1])
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        wanted = self._missing if size is None or size < 0 else min(size, self._missing)
        return self._took(self._stream.readline(wanted)) if wanted else b""

    def _took(self, part: bytes) -> bytes:
        if not part:
            raise BadRequest("The connection broke before all of the request had come.")
        self._missing -= len(part)
        return part


def application(environ, start_response):
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length):
        environ["wsgi.input"] = WholeBody(environ["wsgi.input"], int(length))
    return django_application(environ, start_response)
