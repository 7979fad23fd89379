"""Mail of these tests goes to the local outbox, as on a site without a mail server."""

import pytest


@pytest.fixture(autouse=True)
def _outbox(settings):
    settings.EMAIL_BACKEND = "recalls.outbox.EmailBackend"
