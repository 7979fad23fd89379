"""What is this code? The same answer as on the search page."""

from django.conf import settings
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from batches.api.door import Scope, answers
from batches.api.problems import USUAL, invalid
from batches.reports.resolver import Found, Hit, resolve
from batches.templatetags.wording import site_zone

router = Router()
LONGEST = 200


class Question(Schema):
    code: str = Field(
        max_length=LONGEST,
        description="As typed or scanned: number, GTIN, SSCC, GLN, GS1 element string, "
        "Digital Link, EPC name, reference or name.",
        examples=["(01)09521234543213(10)26313A"],
    )


class Element(Schema):
    ai: str
    value: str


class Reading(Schema):
    """What the text may mean, before anything is looked up; empty where it says nothing of it."""

    form: str
    gtin: str
    batch: str
    serial: str
    sscc: str
    gln: str
    elements: list[Element]


class Part(Schema):
    label: str
    code: str
    said: str
    is_ok: bool


class Match(Schema):
    """`is_held` and `is_recalled` are said of batches only."""

    kind: str
    code: str
    name: str
    why: str
    is_exact: bool
    is_held: bool | None
    is_recalled: bool | None
    url: str


class Resolved(Schema):
    """`only` is the one match that is meant, if one is; `proposals` are what may be meant when
    nothing is recorded under the code. What the token's user may not see is not said."""

    code: str
    reading: Reading
    understood: list[Part]
    problems: list[str]
    matches: list[Match]
    only: Match | None
    proposals: list[Match]


@router.get(
    "/resolve",
    response={200: Resolved, **USUAL},
    url_name="api-resolve",
    summary="What is this code?",
)
@answers("batches.view_batch", scopes=(Scope.CODES, Scope.READ))
def resolve_code(request, asked: Query[Question]):
    """What a code is and where it leads: what was understood, what is recorded, what was probably
    meant."""
    text = asked.code.strip()
    if not text:
        raise invalid(code="Give a code: the parameter “code” is empty.")
    today = timezone.now().astimezone(site_zone()).date()
    return answer(resolve(text, user=request.user, today=today))


def answer(found: Found) -> dict:
    reading = found.reading
    return {
        "code": reading.text,
        "reading": {
            "form": reading.form,
            "gtin": reading.gtin,
            "batch": reading.number,
            "serial": reading.serial,
            "sscc": reading.sscc,
            "gln": reading.gln,
            "elements": [{"ai": one.ai, "value": one.value} for one in reading.elements],
        },
        "understood": [part._asdict() for part in found.understood],
        "problems": list(reading.remarks),
        "matches": [_match(hit) for hit in found.hits],
        "only": _match(found.only) if found.only else None,
        "proposals": [_match(hit) for hit in found.near],
    }


def _match(hit: Hit) -> dict:
    return {
        "kind": hit.obj._meta.model_name,
        "code": hit.code,
        "name": hit.name,
        "why": hit.why,
        "is_exact": hit.is_exact,
        "is_held": getattr(hit.obj, "is_held", None),
        "is_recalled": getattr(hit.obj, "is_recalled", None),
        "url": f"{settings.SITE_URL}{hit.url}",
    }
