"""The columns of findings and of the log."""

import json

import django_tables2 as tables
from django.utils.html import format_html

from batches.lists.tables import ActionColumn, Table, TimeColumn
from batches.models import Event, Finding
from batches.reports import audit
from batches.reports.findings import addresses, form_of
from batches.templatetags.lotline import tag
from batches.templatetags.statuses import FINDING

_SHOWN = 160


class SeverityColumn(tables.Column):
    def render(self, record):
        key, glyph = FINDING[record.severity]
        return tag(key, record.get_severity_display(), glyph)

    def value(self, record):
        return record.get_severity_display()


class RuleColumn(tables.Column):
    def render(self, value):
        return audit.word_of(value)

    def value(self, value):
        return audit.word_of(value)


class FindingTable(Table):
    severity = SeverityColumn("Severity", order_by=("rank", "-found_at"))
    kind = RuleColumn("Rule", attrs={"td": {"class": "nowrap"}})
    label = tables.Column("About", attrs={"td": {"class": "nowrap"}})
    text = tables.Column("What is wrong", orderable=False, attrs={"td": {"class": "finding"}})
    owner = tables.Column("Owner", accessor="owner__username", default="nobody")
    state = tables.Column("State", orderable=False, empty_values=())
    found_at = TimeColumn("Found")
    acts = ActionColumn("batches/finding_actions.html")

    class Meta(Table.Meta):
        model = Finding
        fields = ()

    urls: dict = {}

    def with_pages(self, user) -> None:
        """Looks up, for the rows of this page together, where they are seen and mended."""
        rules = audit.kinds()
        records = [row.record for row in self.paginated_rows]
        self.urls = addresses(records)
        for record in records:
            rule = rules.get(record.kind)
            record.fix_word = rule.fix if rule else "Open"
            record.fix_url = self._fix(record, rule, user)

    def _fix(self, record, rule, user) -> str:
        may = user.is_staff and user.has_perm(record.object_type.replace(".", ".change_"))
        if rule and rule.door == "admin" and may:
            return form_of(record)
        return self.urls.get((record.object_type, record.object_id), "")

    def render_label(self, value, record):
        url = self.urls.get((record.object_type, record.object_id))
        return format_html('<a class="code" href="{}">{}</a>', url, value) if url else value

    def value_label(self, value):
        return value

    def render_state(self, record):
        look = {"open": "none", "assigned": "info", "accepted": "hold", "closed": "ok"}
        return tag(look[record.state], record.state.label)

    def value_state(self, record):
        reason = record.accept_reason if record.state == "accepted" else record.close_reason
        return f"{record.state.label}: {reason}" if reason else record.state.label

    def render_text(self, value, record):
        """With the reason why it stays, or was closed."""
        if record.state not in ("accepted", "closed"):
            return value
        reason = record.close_reason if record.closed_at else record.accept_reason
        return format_html('{}<br><span class="muted">{}</span>', value, reason)

    def value_text(self, value):
        return value


class EventTable(Table):
    seq = tables.Column("No.", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    at = TimeColumn("At")
    actor = tables.Column("Who", accessor="actor__username", default="the system", orderable=False)
    verb = tables.Column("Act", orderable=False, attrs={"td": {"class": "nowrap"}})
    label = tables.Column("About", orderable=False, attrs={"td": {"class": "code"}})
    object_type = tables.Column("Kind", orderable=False)
    changes = tables.Column(
        "Change", empty_values=(), orderable=False, attrs={"td": {"class": "change"}}
    )
    reason = tables.Column("Reason", orderable=False)
    hash = tables.Column("Hash", orderable=False, attrs={"td": {"class": "code"}})

    class Meta(Table.Meta):
        model = Event
        fields = ()

    def render_object_type(self, value):
        return value.partition(".")[2]

    def render_changes(self, record):
        text = changed(record)
        return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text

    def value_changes(self, record):
        return changed(record)

    def render_hash(self, value):
        return format_html('<span title="{}">{}</span>', value, value[:8])

    def value_hash(self, value):
        return value


def changed(event: Event) -> str:
    """`status: draft → posted, quantity: 4`."""
    before, after = event.before or {}, event.after or {}
    return ", ".join(_one(name, before, after) for name in {**before, **after})


def _one(name: str, before: dict, after: dict) -> str:
    old, new = (_plain(side[name]) if name in side else "" for side in (before, after))
    return f"{name}: {old} → {new}" if name in before else f"{name}: {new}"


def _plain(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
