"""The admin, which is a door: it shows forms, calls operations and writes nothing itself."""

from batches.admin import batches, documents, master, quality, records

__all__ = ["batches", "documents", "master", "quality", "records"]
