"""The lists of recalls and of the lines of a frozen scope, and the report to take away."""

from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, Value, When
from django.http import Http404
from django.utils.functional import cached_property

from batches.lists.pages import Empty, ListPage
from batches.lists.tabs import Tab
from recalls.filters import RecallFilters, ScopeFilters
from recalls.models import Recall, ScopeLine, ScopeVersion
from recalls.scope.frozen import said_in
from recalls.tables import RecallTable, ScopeTable
from recalls.views.cases import find

Status = Recall.Status


class RecallList(ListPage):
    permission = "recalls.view_recall"
    table_class, filterset_class = RecallTable, RecallFilters
    title = "Recalls"
    template_name = "recalls/recall_list.html"
    empty = Empty(
        "No recalls yet. Run a drill first, while nothing is at stake.",
        "Start a drill",
        "drill-list",
        "recalls.run_drill",
    )
    add_url_name, add_permission, add_word = "recall-open", "recalls.add_recall", "Open a recall"
    add_key = "n"
    tabs = (
        Tab("All", ""),
        Tab("Live", "is_drill=0&under_way=1"),
        Tab("Closed", "status=closed"),
        Tab("Drills", "is_drill=1"),
    )

    def rows(self):
        """Live ones first, those under way before those that have ended."""
        return (
            Recall.objects.select_related("lead")
            .annotate(urgency=_urgency(), places=_places())
            .order_by("is_drill", "urgency", "-opened_at")
        )


def _urgency():
    order = [Status.ACTIVE, Status.COMPLETED, Status.SUBMITTED, Status.DRAFT]
    whens = [When(status=status, then=Value(place)) for place, status in enumerate(order)]
    return Case(*whens, default=Value(9), output_field=IntegerField())


def _places():
    """How many places are to be told, as the newest released version has it."""
    newest = ScopeVersion.objects.filter(recall=OuterRef(OuterRef("pk")), release__isnull=False)
    told = ScopeLine.objects.filter(
        version=Subquery(newest.order_by("-number").values("pk")[:1]),
        role=ScopeLine.Role.RECIPIENT,
    )
    counted = told.order_by().values("version__recall").annotate(n=Count("location", distinct=True))
    return Subquery(counted.values("n"))


class ScopeList(ListPage):
    """One version as it was frozen; `?version=` chooses an older one."""

    permission = "recalls.view_scopeline"
    template_name = "recalls/scope_version.html"
    table_class, filterset_class = ScopeTable, ScopeFilters
    empty = Empty("The scope is frozen when the recall is approved. Until then, see its page.")

    @property
    def title(self) -> str:
        reference = self.kwargs["reference"]
        return f"Scope of {reference}, version {self.kwargs['number']}"

    @cached_property
    def version(self) -> ScopeVersion:
        recall = find(self.kwargs["reference"])
        version = recall.versions.filter(number=self.kwargs["number"]).first()
        if version is None:
            raise Http404(f"{recall} has no such scope version.")
        return version

    def context(self, filters, table) -> dict:
        more = {"frozen": said_in(self.version), "recall": self.version.recall}
        return super().context(filters, table) | more

    def rows(self):
        return self.version.lines.order_by("depth", "location_code", "product_code", "batch_number")
