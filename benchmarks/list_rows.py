"""Fills a database for the benchmark of lists with SQL: what imports of years would have left."""

PLACES, PRODUCTS, FEW = 2_000, 200, 500


def fill(rows: int, events: int) -> None:
    """`rows` batches, holdings and shipments of one line, and `events`; one in FEW is a draft, and
    one batch in FEW is on hold."""
    from django.db import connection

    from batches.models import Batch, Event, Hold, Holding, Location, Product, Shipment
    from batches.models import ShipmentLine as Line

    place, product = f"i % {PLACES} + 1", f"i % {PRODUCTS} + 1"
    ago = _ago(connection.vendor)
    number = _padded(connection.vendor)
    put(Location, PLACES, code="'L' || i", name="'Place ' || i", kind="'store'", is_own="i <= 10")
    put(Product, PRODUCTS, code="'P' || i", name="'Product ' || i", unit="'case'")
    put(
        Batch, rows, product_id=product, origin_id="i % 10 + 1", number=f"'B' || {number}",
        number_key=f"'B' || {number}", produced_at=ago, status="'released'", quantity="100",
    )  # fmt: skip
    put(Holding, rows, batch_id="i", location_id=place, quantity="i % 50")
    put(
        Shipment, rows, reference=f"'SH-' || {number}", origin_id="i % 10 + 1",
        destination_id=f"i % {PLACES - 10} + 11", shipped_at=ago, received_at=ago,
        status=f"CASE WHEN i % {FEW} = 0 THEN 'draft' ELSE 'received' END",
    )  # fmt: skip
    put(Line, rows, shipment_id="i", batch_id="i", quantity="10")
    put(Hold, rows // FEW, batch_id=f"i * {FEW}", reason="'Smells.'", placed_at=ago)
    put(
        Event, events, seq="i", at=ago, verb="'shipment posted'", object_type="'batches.shipment'",
        object_id="'' || i", label=f"'SH-' || {number}", previous_hash="'-'", hash="'-'",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _padded(vendor: str) -> str:
    """`i` with eight digits."""
    return "substr('00000000' || i, -8)" if vendor == "sqlite" else "lpad(i::text, 8, '0')"


def _ago(vendor: str) -> str:
    if vendor == "sqlite":
        return "datetime('2026-11-25', '-' || (i * 30) || ' seconds')"
    return "timestamptz '2026-11-25 00:00+00' - i * interval '30 seconds'"


def put(model, rows: int, **columns: str) -> None:
    """Rows of a model; `columns` are SQL expressions over `i`, from 1 on. What is not named has
    its default."""
    from django.db import connection

    for field in model._meta.concrete_fields:
        if field.column in columns or field.primary_key or field.null:
            continue
        columns[field.column] = _literal(field)
    names = ", ".join(f'"{name}"' for name in columns)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    values = ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ("id", {names}) '
            f"{numbers} SELECT i, {values} FROM n"
        )


def _literal(field) -> str:
    if field.get_internal_type() == "DateTimeField":
        return "CURRENT_TIMESTAMP"
    value = field.get_default()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    return f"'{value}'" if value is not None else "''"
