"""Importing products, locations and contacts."""

from django.core.exceptions import ValidationError

from batches.models import Contact, Location, Product
from batches.operations.imports.conflicts import refuse_conflict
from batches.operations.imports.work import Work, in_parts
from batches.operations.numbering import check_pattern

_PRODUCT = "name gtin brand category unit shelf_life_days number_pattern".split()
_LOCATION = (
    "name kind gln parent street postcode city country latitude longitude timezone opening_hours"
).split()
_CONTACT = "name phone language".split()


def import_products(work: Work) -> None:
    """Adds products by code. Refuses other content, a GTIN that another product has, and a
    number pattern that cannot be used."""
    for row in work.sheet.good():
        _judge_pattern(row)
    rows = list(work.sheet.good())
    known = {p.code: p for p in in_parts(Product.objects, "code", {r.get("code") for r in rows})}
    gtins = _holders(Product, "gtin", rows)
    new = _new(work, rows, known, gtins, Product, "gtin", _PRODUCT)
    Product.objects.bulk_create(new)


def _judge_pattern(row) -> None:
    pattern, days = row.get("number_pattern"), row.get("shelf_life_days")
    try:
        check_pattern(
            Product(code=row.get("code"), number_pattern=pattern or "", shelf_life_days=days)
        )
    except ValidationError as refusal:
        row.refuse("number_pattern", " ".join(refusal.messages))


def import_locations(work: Work) -> None:
    """Adds locations by code; a parent may stand further down. Sites of ours are own sites.

    Refuses other content, a GLN that another location has, an unknown parent and a circle.
    """
    rows = list(work.sheet.good())
    codes = {row.get("code") for row in rows}
    known = {p.code: p for p in in_parts(Location.objects.select_related("parent"), "code", codes)}
    _check_parents(work, rows, known)
    rows = [row for row in rows if not row.problems]
    for row in rows:
        row.values["parent_code"] = row.values.pop("parent", None)
    columns = [name for name in _LOCATION if name != "parent"]
    new = _new(work, rows, known, _holders(Location, "gln", rows), Location, "gln", columns)
    for place in new:
        place.is_own = place.kind in Location.OWN_KINDS
    _check_known_parents(rows, known)
    Location.objects.bulk_create(new)
    _set_parents(work, rows, known)


def _check_parents(work: Work, rows: list, known: dict) -> None:
    """Refuses rows whose parent is neither there nor in an accepted row, and circles."""
    parents = {row.get("code"): row.get("parent") for row in rows}
    loose = True
    while loose:
        accepted = {row.get("code") for row in rows if not row.problems}
        there = accepted | set(work.locations) | set(known)
        loose = False
        for row in rows:
            parent = row.get("parent")
            if parent is None or row.problems:
                continue
            if parent not in there:
                row.refuse("parent", f"There is no location {parent}. Mend its row first.")
                loose = True
            elif _is_circle(row.get("code"), parents):
                row.refuse("parent", f"{row.get('code')} would stand below itself.")
                loose = True


def _is_circle(code: str, parents: dict) -> bool:
    seen, above = {code}, parents.get(code)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above == code


def _check_known_parents(rows: list, known: dict) -> None:
    """A row about a location that is there already must not name another parent."""
    first = {row.get("code"): row for row in rows if row.is_added}
    for row in rows:
        code, said = row.get("code"), {"parent": row.get("parent_code")}
        if row.problems or row.is_added:
            continue
        if code in first:
            there = {"parent": first[code].get("parent_code")}
            refuse_conflict(row, code, said, there, first[code].line)
        else:
            parent = known[code].parent
            refuse_conflict(row, code, said, {"parent": parent.code if parent else None})


def _set_parents(work: Work, rows: list, known: dict) -> None:
    below = []
    for row in rows:
        code = row.get("parent_code")
        if row.is_added and code:
            place = known[row.get("code")]
            place.parent = known.get(code) or work.locations[code]
            below.append(place)
    Location.objects.bulk_update(below, ["parent"], batch_size=500)


def _holders(model, key: str, rows: list) -> dict[str, str]:
    """Who has each GTIN or GLN of the file already: key to code."""
    wanted = {row.get(key) for row in rows} - {None}
    return {getattr(obj, key): obj.code for obj in in_parts(model.objects, key, wanted)}


def _new(work: Work, rows, known, holders, model, key, columns) -> list:
    """What `rows` add; `known` and `holders` grow by it. Marks rows as added or refuses them."""
    new, lines = [], {}
    for row in rows:
        code = row.get("code")
        said = {name: row.get(name) for name in columns}
        if code in known:
            there = {name: getattr(known[code], name) for name in columns}
            refuse_conflict(row, code, said, there, lines.get(code))
            continue
        gs1 = row.get(key)
        if gs1 and gs1 in holders:
            row.refuse(key, f"{key.upper()} {gs1} belongs to {holders[gs1]} already.")
            continue
        known[code] = model(code=code, **{k: v for k, v in said.items() if v is not None})
        lines[code], row.is_added = row.line, True
        if gs1:
            holders[gs1] = code
        new.append(known[code])
    return new


def import_contacts(work: Work) -> None:
    """Adds contacts by location and address, whatever the case. Refuses other content."""
    rows = [row for row in work.sheet.good() if work.location(row, "location")]
    places = {work.locations[row.get("location")].pk for row in rows}
    there = in_parts(Contact.objects, "location_id", places)
    known = {(contact.location_id, contact.email.casefold()): contact for contact in there}
    new, lines = [], {}
    for row in rows:
        place, email = work.locations[row.get("location")], row.get("email")
        key, said = (place.pk, email.casefold()), {name: row.get(name) for name in _CONTACT}
        if key in known:
            contact = {name: getattr(known[key], name) for name in _CONTACT}
            refuse_conflict(row, f"{email} at {place.code}", said, contact, lines.get(key))
            continue
        filled = {name: value for name, value in said.items() if value is not None}
        known[key] = Contact(location=place, email=email, **filled)
        lines[key], row.is_added = row.line, True
        new.append(known[key])
    Contact.objects.bulk_create(new)
