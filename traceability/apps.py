"""Registers the composition root, whose commands, roles and checks need both apps."""

from django.apps import AppConfig
from django.conf import settings


class TraceabilityConfig(AppConfig):
    name = "traceability"
    verbose_name = "Lotline"

    def ready(self):
        from batches.operations.doorbell import when_rung

        when_rung(_ring_broker if settings.CELERY_BROKER_URL else _wake_loops)


def _ring_broker():
    from traceability.celery import ring

    ring()


def _wake_loops():
    from traceability.loops import wake

    wake()
