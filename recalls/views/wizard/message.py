"""The step that says who is told, and what: a text for each audience in each language."""

from collections import defaultdict
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.http import urlencode

from recalls.forms.messages import MessageForm, PictureForm
from recalls.message.languages import FALLBACK, LANGUAGES, known
from recalls.message.linter import Facts, Remark, Report, lint
from recalls.message.sample import OFFERED, pairs_told, sample
from recalls.message.texts import PUBLIC, Audience, Text, Texts
from recalls.models import Recall
from recalls.scope.shapes import Place
from recalls.views.cases import Refusal

ROWS, MOST = 25, 500
SHOWN = {"mail": "Mail", "text": "Plain text", "phone": "Phone page", "letter": "Letter"}
OPEN = (Recall.Status.DRAFT, Recall.Status.ACTIVE)


@dataclass(frozen=True)
class Chosen:
    """Which text a page is about, and how it is shown."""

    audience: str
    language: str
    show: str
    place: str

    @property
    def query(self) -> str:
        return urlencode({key: value for key, value in asdict(self).items() if value})

    def other(self, **changes) -> str:
        return f"?{Chosen(**asdict(self) | changes).query}"


def chosen(values) -> Chosen:
    """From the address or a form; what is not known is the first there is."""
    audience, language = values.get("audience", ""), values.get("language", "")
    audience = audience if audience in Audience.values else str(Audience.STORE)
    shown = shown_of(audience)
    show = values.get("show", "")
    return Chosen(
        audience,
        language if language in LANGUAGES else FALLBACK,
        show if show in shown else "mail",
        values.get("place", "")[:40],
    )


def shown_of(audience: str) -> dict[str, str]:
    """How a text can be looked at; who has no place has no page and no letter."""
    public = {key: word for key, word in SHOWN.items() if key in ("mail", "text")}
    return public if audience in PUBLIC else SHOWN


def context(request, recall: Recall, refusal: Refusal | None, common: dict) -> dict:
    seen, texts = common["seen"], Texts(recall)
    which = chosen(request.POST if refusal else request.GET)
    text = texts.text(which.audience, which.language)
    form = MessageForm(audience=which.audience, initial=asdict(text), auto_id="m_%s")
    if refusal and refusal.slot == "message":
        form = refusal.form
        text = form.typed(text)
    may_write = recall.status in OPEN and request.user.has_perm("recalls.change_recall")
    is_all = "all" in request.GET
    places = Paginator(told(seen), MOST if is_all else ROWS)
    return {
        "told": places.get_page(request.GET.get("page") if is_all else 1),
        "is_all": is_all,
        "which": which,
        "form": form,
        "picture": refusal.form if refusal and refusal.slot == "picture" else PictureForm(),
        "pictures": recall.message_files.filter(removed_at__isnull=True).defer("content"),
        "report": _report(text, texts, which.audience, which.language, facts_of(recall, seen)),
        "saved": recall.messages.filter(audience=which.audience, language=which.language)
        .select_related("changed_by")
        .first(),
        "may_write": may_write,
        "is_under_way": recall.status == Recall.Status.ACTIVE,
        "shown_place": sample(recall, seen, which.place).place,
        "offered": seen.recipients[:OFFERED] if seen else [],
        "preview": f"{reverse('recall-message-preview', args=[recall.reference])}?{which.query}",
        **_tabs(which, texts, pairs_told(seen)),
    }


def facts_of(recall: Recall, seen) -> Facts:
    batches = len(seen.batches) if seen else 0
    return Facts(batches, bool(settings.SITE_PHONE), recall.deadline is not None)


def _tabs(which: Chosen, texts: Texts, needed: set) -> dict:
    """Links to the other texts, each with what is known of it."""

    def mark(audience, language):
        if texts.is_saved(audience, language):
            return "saved"
        return "needed" if (audience, language) in needed else ""

    return {
        "audiences": [
            (word, which.other(audience=key, show=""), key == which.audience)
            for key, word in Audience.choices
        ],
        "languages": [
            (name, which.other(language=code), code == which.language, mark(which.audience, code))
            for code, name in LANGUAGES.items()
        ],
        "shows": [
            (word, which.other(show=key), key == which.show)
            for key, word in shown_of(which.audience).items()
        ],
    }


@dataclass(frozen=True)
class Told:
    """A place to be told: of which batches, and the languages of its mails."""

    place: Place
    batches: list[str]
    languages: list[str]


def told(seen) -> list[Told]:
    """The places to be told, those that no notice can reach first."""
    if seen is None:
        return []
    batches: dict[int, list[str]] = defaultdict(list)
    for line in seen.lines:
        batches[line.location_id].append(line.batch_number)
    places = [*seen.unreachable, *(place for place in seen.recipients if place.contacts)]
    return [
        Told(place, sorted(set(batches[place.location_id])), _spoken(place)) for place in places
    ]


def _spoken(place: Place) -> list[str]:
    return sorted({LANGUAGES[known(contact.language)] for contact in place.contacts.values()})


@dataclass(frozen=True)
class Checked:
    """One text that will be sent or was written, with what is wrong with it."""

    word: str
    url: str
    report: Report


def checked(recall: Recall, seen) -> list[Checked]:
    """Every text that mails will be made of, and every other one that people have saved."""
    texts, facts = Texts(recall), facts_of(recall, seen)
    page, found = reverse("recall-message", args=[recall.reference]), []
    for audience, language in sorted(pairs_told(seen) | texts.saved()):
        report = _report(texts.text(audience, language), texts, audience, language, facts)
        word = f"{Audience(audience).label}, {LANGUAGES[language]}"
        found.append(Checked(word, page + Chosen(audience, language, "", "").other(), report))
    return found


def _report(text: Text, texts: Texts, audience: str, language: str, facts: Facts) -> Report:
    """The remarks; one more on a text in another language that nobody has looked at."""
    report = lint(texts.recall, text, audience, language, facts)
    if texts.is_there(audience, language):
        return report
    said = "Nobody has read this text yet. What the recall itself says is not translated."
    return Report([Remark("wrong", said), *report.remarks], report.reading)
