"""The recalls that one place was part of: a block of the place's page, or a page of its own."""

from django.shortcuts import get_object_or_404, render

from batches.lists.access import needs
from batches.models import Location
from recalls.reports.at_place import recalls_at


@needs("recalls.view_recall")
def recalls_of_place(request, code):
    place = get_object_or_404(Location, code=code)
    context = {"place": place, "rows": recalls_at(place)}
    name = "card" if request.htmx else "page"
    return render(request, f"recalls/at_place/{name}.html", context)
