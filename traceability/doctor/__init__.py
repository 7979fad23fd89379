"""The doctor: names what is wrong with this site, each fault with what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connection


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. A warning is worth knowing and fails nothing."""

    name: str
    text: str
    is_warning: bool = False


Check = Callable[[], Iterator[Fault]]


def examine() -> list[Fault]:
    """Runs every check; those of the database only when it answers."""
    from traceability.doctor import configuration, database, services

    faults = [fault for check in configuration.CHECKS for fault in check()]
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        faults.append(Fault("database", f"The database does not answer: {error}".strip()))
    else:
        faults += database.faults(connection)
    return faults + [fault for check in services.CHECKS for fault in check()]
