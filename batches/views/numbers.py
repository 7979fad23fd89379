"""The pages of batch numbers: a product's pattern, blocks in advance, numbers out of use."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from batches.forms.acts import ReasonForm
from batches.forms.numbers import AssumedForm, BlockForm, PatternForm
from batches.lists.access import check, needs
from batches.lists.export import Head, as_csv
from batches.models import IssuedNumber, NumberBlock, Product
from batches.operations import master, numbering
from batches.operations.changes import fingerprint
from batches.reports import numbers
from batches.views.acts import Act

TOKENS = [
    ("{product} {origin}", "code of the product, of the place"),
    ("{line} {line:2}", "production line, of any or of a fixed length"),
    ("{shift} {shift:1}", "shift"),
    ("{YY} {Y}", "year; beside {WW} the year of the week"),
    ("{JJJ}", "day of the year, 001 to 366"),
    ("{WW}", "ISO week, 01 to 53"),
    ("{MM} {DD}", "month, day"),
    ("{hhmm}", "time of production on the plant's clock"),
    ("{counter:3/day}", "counter per day, year, line, origin, product or ever"),
    ("{random:6}", "characters that nobody can foresee"),
    ("{check} {check:11,10}", "check character, at the end"),
]


def find(code: str) -> Product:
    return get_object_or_404(Product, code=code)


@needs("batches.view_product")
def product_numbers(request, code):
    """GET shows the pattern and what it gives; POST saves it."""
    product = find(code)
    seen = fingerprint(product)
    if request.method != "POST":
        form = PatternForm(initial=vars(product))
        return _page(request, product, form, product.number_pattern, seen)
    check(request.user, "batches.change_product")
    form = PatternForm(request.POST)
    if form.is_valid() and _save(request, product, form):
        return redirect("product-numbers", product.code)
    text = request.POST.get("number_pattern", "")
    return _page(request, find(code), form, text, request.POST.get("seen", ""), status=422)


def _save(request, product: Product, form: PatternForm) -> bool:
    for name, value in form.cleaned_data.items():
        setattr(product, name, value)
    seen = request.POST.get("seen", "")
    try:
        master.save_product(product=product, seen=seen, by=request.user, at=timezone.now())
    except ValidationError as refusal:
        on_field = getattr(refusal, "error_dict", {}).get("number_pattern")
        form.add_error("number_pattern" if on_field else None, on_field or refusal.messages)
        return False
    messages.success(request, f"Numbers of {product.code} are made by this from now on.")
    return True


def _page(request, product, form, text, seen, status=200):
    now = timezone.now()
    assumed = AssumedForm(request.POST or None, initial=numbers.usual(product, now))
    given = assumed.assumed()
    not_used = numbers.not_used(product)
    context = {
        "product": product,
        "form": form,
        "assumed": assumed,
        "seen": seen,
        "tokens": TOKENS,
        "preview": numbers.preview(product=product, text=text, now=now, **given),
        "per_year": given["per_year"],
        "site_pattern": settings.NUMBER_PATTERN,
        "blocks": numbers.blocks(product),
        "not_used": not_used[: numbers.SHOWN],
        "more_not_used": len(not_used) > numbers.SHOWN,
    }
    return render(request, "batches/product_numbers.html", context, status=status)


@needs("batches.view_product")
def preview(request, code):
    """The part of the page that follows what is typed."""
    product, now = find(code), timezone.now()
    assumed = AssumedForm(request.GET, initial=numbers.usual(product, now))
    text = request.GET.get("number_pattern", "").strip()[:100]
    shown = numbers.preview(product=product, text=text, now=now, **assumed.assumed())
    context = {"preview": shown, "per_year": assumed.assumed()["per_year"]}
    return render(request, "batches/number_preview.html", context)


class ReserveNumbers(Act):
    permission = "batches.add_numberblock"
    title, button = "Reserve numbers of {0.code}", "Reserve"
    says = "Nobody else gets these numbers. Print the list, or load the CSV into the printer."
    done = "Numbers of {0.code} are reserved."
    block: NumberBlock

    def find(self):
        return find(self.kwargs["code"])

    def back(self):
        return reverse("product-numbers", args=[self.object.code])

    def form(self, data=None):
        if data is not None:
            return BlockForm(data)
        now = timezone.now()
        usual = numbers.usual(self.object, now)
        origin = usual["origin"]
        day = origin.production_day(now) if origin else None
        return BlockForm(initial={"origin": origin, "day": day, "size": 50})

    def act(self, form):
        self.block = numbering.reserve_block(
            product=self.object, **form.cleaned_data, **self.by_now
        )

    def done_at(self):
        return self.block.get_absolute_url()


@needs("batches.view_numberblock")
def block(request, pk):
    rows = NumberBlock.objects.select_related("product", "origin", "reserved_by")
    found = get_object_or_404(rows, pk=pk)
    listed = numbers.numbers_of(found)
    if request.GET.get("export") == "csv":
        return _block_csv(request, found, listed)
    free = sum(not row.is_used and not row.is_void for row in listed)
    context = {"reserved": found, "numbers": listed, "free": free}
    return render(request, "batches/number_block.html", context)


def _block_csv(request, found: NumberBlock, listed: list[IssuedNumber]):
    title = f"Numbers of {found.product.code} block {found.pk}"
    what = f"day {found.day:%Y-%m-%d}; {found.origin.code}; line {found.line or '-'}"
    by = request.user.get_username()
    head = Head(title=title, filters=what, at=timezone.now(), by=by, count=len(listed))
    rows = ([row.number, state_of(row), row.void_reason or ""] for row in listed)
    return as_csv(head, [["Number", "State", "Reason"], *rows])


def state_of(row: IssuedNumber) -> str:
    if row.is_used:
        return "used"
    return "out of use" if row.is_void else "free"


class VoidNumber(Act):
    permission = "batches.add_voidednumber"
    title, button = "Take {} out of use", "Take it out of use"
    says = "No batch will ever have {}. The number stays in the list with your reason."
    done = "{} is out of use."
    form_class = ReasonForm

    def find(self):
        rows = IssuedNumber.objects.select_related("product", "block")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def back(self):
        if self.object.block:
            return self.object.block.get_absolute_url()
        return reverse("product-numbers", args=[self.object.product.code])

    def act(self, form):
        numbering.void_number(number=self.object, **form.cleaned_data, **self.by_now)


class VoidRest(Act):
    permission = "batches.add_voidednumber"
    title, button = "Take the rest of {} out of use", "Take the rest out of use"
    says = "What no batch has of {} will never be used. The list keeps it with your reason."
    done = "The rest of {} is out of use."

    def find(self):
        rows = NumberBlock.objects.select_related("product")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def act(self, form):
        numbering.void_rest(block=self.object, **form.cleaned_data, **self.by_now)
