"""What the audit checks of recalls: that each frozen version still gives its hash."""

import hashlib
from collections.abc import Iterator

from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about
from recalls.models import ScopeVersion
from recalls.scope import canonical_scope

CHANGED = Kind("versions", "Frozen scope changed", Severity.ALARM, "Look at the recall", "page")
_CHUNK = 5_000


def _versions(look: Look) -> Iterator[Found]:
    for version in ScopeVersion.objects.select_related("recall").order_by("pk"):
        frozen = canonical_scope(version, version.lines.iterator(chunk_size=_CHUNK))
        if hashlib.sha256(frozen).hexdigest() != version.sha256:
            text = "Its lines do not give its hash any more."
            yield about(CHANGED, ScopeVersion, version.pk, str(version), text)


VERSIONS = Check("versions", _versions, (CHANGED,))
