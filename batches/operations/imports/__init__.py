"""Importing files: rows that are missing are added, nothing is ever overwritten."""

from batches.operations.imports.files import MOST_TOLD, Outcome, import_sheet, import_sheets
from batches.operations.imports.names import (
    forget_column_name,
    more_columns,
    name_columns,
    names_by_kind,
    note_header,
)
from batches.operations.imports.uploads import (
    import_for_real,
    is_clean_dry_run,
    receive_upload,
    uploads_folder,
)

__all__ = [
    "MOST_TOLD",
    "Outcome",
    "forget_column_name",
    "import_for_real",
    "import_sheet",
    "import_sheets",
    "is_clean_dry_run",
    "more_columns",
    "name_columns",
    "names_by_kind",
    "note_header",
    "receive_upload",
    "uploads_folder",
]
