"""Outputs of a recall as tests open them again."""

import csv
import io
from datetime import timedelta

import openpyxl

from batches.tests.factory import NOON
from recalls.operations import responses
from recalls.reports.dossier import dossier
from recalls.reports.outputs import make
from recalls.scope import lines_of
from recalls.tests.factory import found
from recalls.tests.test_paper import read

LATER = NOON + timedelta(hours=3)


def answer(recall, key, **parts):
    recipient = recall.recipients.get(address_key=key)
    answers = {line.pk: found(**parts) for line in lines_of(recipient)}
    responses.answer(
        recipient=recipient, answers=answers, name="Kim", phone="1", remark="", at=LATER
    )


def case_of(recall, **options):
    return dossier(recall, at=LATER, by="Quinn Osei", **options)


def made(recall, kind, format, **options) -> bytes:
    return make(case_of(recall), kind, format, **options).content


def paper_of(recall, kind, **options) -> str:
    """The text of a PDF, with every run of spaces as one."""
    return " ".join(" ".join(read(made(recall, kind, "pdf", **options))).split())


def rows_of(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheets_of(content: bytes) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
