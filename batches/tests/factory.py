"""Plain factories. A drawing is the fixture: `trace_graph` builds what it shows."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from django.contrib.auth.models import Group, User

from batches.models import Batch, Holding, Link, Location, Product, Run, Shipment, ShipmentLine

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def user(name: str, role: str) -> User:
    person = User.objects.create_user(
        name, f"{name}@lotline.example", name, first_name=name.title(), is_staff=role != "Viewer"
    )
    person.groups.add(Group.objects.get(name=role))
    return person


def product(code="GRANOLA", **fields) -> Product:
    fields.setdefault("name", code.title())
    fields.setdefault("unit", "case")
    return Product.objects.get_or_create(code=code, defaults=fields)[0]


def location(code="PLANT1", **fields) -> Location:
    fields.setdefault("name", code.title())
    fields.setdefault("kind", "plant")
    return Location.objects.get_or_create(code=code, defaults=fields)[0]


def batch(number="L1", *, of="GRANOLA", at="PLANT1", quantity=None, **fields) -> Batch:
    from batches.codes.numbering import number_key

    made = Batch.objects.create(
        product=product(of),
        origin=location(at),
        number=number,
        number_key=number_key(number),
        quantity=quantity,
        **fields,
    )
    Holding.objects.create(batch=made, location=made.origin, quantity=quantity)
    return made


_ARROW = re.compile(r"-(?:(\S*))?->")


def seconds(text: str | None) -> int | None:
    """`?` or nothing is unknown; a bare number is that second; else an ISO time, UTC."""
    if not text or text == "?":
        return None
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def trace_graph(drawing: str) -> dict[str, Holding]:
    """Builds holdings and links from lines such as

        RAW@FARM -1..2x10-> RAW@PLANT -3-> MIX@PLANT

    A node is `batch@location` (one product per batch); an arrow carries
    `left_by..arrived_from`, or one time for both, and `xQUANTITY`. Between two holdings
    of one batch the link is a shipment line, between batches a run. Returns holdings by node.
    """
    nodes: dict[str, Holding] = {}

    def node(name: str) -> Holding:
        if name not in nodes:
            number, _, place = name.partition("@")
            where = location(place or "PLANT1")
            made, _ = Batch.objects.get_or_create(
                number=number,
                defaults={
                    "product": product(f"P-{number}"),
                    "origin": where,
                    "number_key": number.upper(),
                },
            )
            nodes[name] = Holding.objects.get_or_create(
                batch=made, location=where, defaults={"quantity": None}
            )[0]
        return nodes[name]

    for line in filter(str.strip, drawing.splitlines()):
        parts = _ARROW.split(line.strip())
        names, labels = [p.strip() for p in parts[::2]], parts[1::2]
        for left, label, right in zip(names, labels, names[1:], strict=False):
            times, _, quantity = (label or "").partition("x")
            leaves, _, arrives = times.partition("..")
            link(
                node(left),
                node(right),
                seconds(leaves),
                seconds(arrives or leaves),
                Decimal(quantity) if quantity else None,
            )
        if not labels:
            node(names[0])
    return nodes


def link(source, target, left_by=None, arrived_from=None, quantity=None) -> Link:
    fields = {
        "source": source,
        "target": target,
        "left_by": left_by,
        "arrived_from": arrived_from,
        "quantity": quantity,
    }
    count = Link.objects.count()
    if source.batch_id == target.batch_id:
        shipment = Shipment.objects.create(
            reference=f"SH-{count}",
            origin=source.location,
            destination=target.location,
            status="received",
        )
        fields["shipment_line"] = ShipmentLine.objects.create(
            shipment=shipment, batch=source.batch, quantity=quantity
        )
    else:
        fields["run"] = Run.objects.create(
            reference=f"RUN-{count}", location=source.location, status="posted"
        )
    return Link.objects.create(**fields)
