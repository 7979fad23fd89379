"""What complaints have in common: traced back, each for itself, and what they share weighed."""

from batches.reports.complaints.evidence import paths_of
from batches.reports.complaints.sources import (
    BATCH,
    LINE,
    RUN_KIND,
    SUPPLIED,
    CommonSource,
    Source,
    common_source,
)
from batches.reports.complaints.starts import Start, starts_of

__all__ = [
    "BATCH",
    "LINE",
    "RUN_KIND",
    "SUPPLIED",
    "CommonSource",
    "Source",
    "Start",
    "common_source",
    "paths_of",
    "starts_of",
]
