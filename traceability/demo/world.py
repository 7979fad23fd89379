"""The maker's products, sites, suppliers and the places it delivers to."""

from math import cos, sin, sqrt

from batches.codes.gs1.keys import check_digit
from traceability.demo import figures
from traceability.demo.pen import Pen

PRODUCTS = {
    # code: name, unit, category, shelf life in days, GTIN
    "ALM": ("Almonds, natural", "kg", "Raw material", 365, None),
    "OAT": ("Rolled oats", "kg", "Raw material", 270, None),
    "HON": ("Honey", "kg", "Raw material", 730, None),
    "COC": ("Cocoa powder", "kg", "Raw material", 540, None),
    "FLR": ("Rice flour", "kg", "Raw material", 270, None),
    "RSN": ("Raisins", "kg", "Raw material", 365, None),
    "GRN-400": ("Oat and almond granola 400 g", "case", "Granola", 180, "09520123400019"),
    "BAR-12": ("Almond bars 12 × 40 g", "case", "Bars", 180, "09520123400026"),
    "COA-400": ("Cocoa oats 400 g", "case", "Granola", 150, "09520123400033"),
    "CRK-150": ("Rice crackers 150 g", "case", "Crackers", 120, "09520123400040"),
    "CLU-500": ("Oat clusters 500 g", "case", "Granola", 150, "09520123400057"),
    "MUE-750": ("Fruit muesli 750 g", "case", "Granola", 240, "09520123400064"),
}
SUPPLIERS = {
    "SIERRA": ("Sierra Nut Co-op", "Ctra. de Almansa 4", "Alicante", "ES", "38.35", "-0.49"),
    "BROOK": ("Brookfield Mills", "Mill Lane 1", "Brookfield", "DE", "52.27", "10.52"),
    "HARLAN": ("Harlan Apiaries", "Heideweg 12", "Celle", "DE", "52.62", "10.08"),
    "KAPAO": ("Kapao Cocoa", "Hafenstr. 40", "Hamburg", "DE", "53.54", "9.98"),
    "ANATOL": ("Anatol Dried Fruit", "Liman Cad. 7", "Izmir", "TR", "38.42", "27.14"),
}
# Where the towns of the story are put on the map: degrees north and east.
TOWNS = {
    "Northgate": (53.08, 8.80), "Westbank": (51.96, 7.63),
    "Southgate": (51.31, 9.49), "Port Leven": (54.09, 12.13),
}  # fmt: skip
# Of these nobody knows where they are, as it is in real lists.
UNPLACED = {"S0131", "S0207", "S0290", "C-1180"}
# No mail server takes mail for .invalid (RFC 2606), and neither does the local outbox.
UNDELIVERABLE = {"S0207": "s0207@stores.invalid", "C-1180": "office@harbour-hotels.invalid"}


def build(pen: Pen) -> dict:
    """Products by code; the places are kept by the pen."""
    for code, (name, street, town, country, lat, lon) in SUPPLIERS.items():
        pen.place(
            code, name, "supplier", street=street, city=town, country=country,
            latitude=lat, longitude=lon,
        )  # fmt: skip
    pen.place(
        "PLANT1", "Plant 1", "plant", is_own=True, street="Werkstr. 1", postcode="30165",
        city="Hannover", country="DE", latitude="52.40", longitude="9.72", gln="9520123499013",
        opening_hours="Mon to Sat 6:00 to 22:00",
    )  # fmt: skip
    for group, places in figures.almond_story():
        for number, place in enumerate(places):
            _deliver_to(pen, group, place, number)
    return {
        code: pen.product(
            code, name, unit=unit, category=category, shelf_life_days=days, gtin=gtin,
            brand="Heidehof" if gtin else "",
        )
        for code, (name, unit, category, days, gtin) in PRODUCTS.items()
    }  # fmt: skip


def _deliver_to(pen: Pen, group: figures.Group, place: figures.Place, number: int) -> None:
    is_centre = place.code == group.code
    kind = "distribution_centre" if is_centre else "store" if group.keeps else "customer"
    mailbox = f"{place.code.lower()}@stores.example"
    pen.place(
        place.code,
        place.name,
        kind,
        email=UNDELIVERABLE.get(place.code, mailbox),
        # Most answered when they were asked whether mail arrives; some never did.
        is_tested=place.code not in UNDELIVERABLE and number % 12 != 5,
        parent=None if is_centre else pen.places.get(group.code),
        street=place.street,
        city=place.town,
        country="DE",
        gln=_gln(place.code),
        opening_hours="Mon to Fri 5:00 to 19:00" if is_centre else "Mon to Sat 8:00 to 20:00",
        **({} if place.code in UNPLACED else _position(place.town, number)),
    )


def _gln(code: str) -> str | None:
    """In the range that GS1 keeps for examples; the centres and some shops have none yet."""
    digits = "".join(letter for letter in code if letter.isdecimal())
    if not digits or code in UNPLACED or digits.endswith("7"):
        return None
    body = f"95201234{int(digits):04}"
    return f"{body}{check_digit(body)}"


def _position(town: str, number: int) -> dict:
    """Round the middle of the town as seeds in a sunflower: even, and the same every time."""
    north, east = TOWNS[town]
    angle, far = number * 2.39996, 0.055 * sqrt(number)
    latitude, longitude = north + far * sin(angle), east + 1.6 * far * cos(angle)
    return {"latitude": f"{latitude:.4f}", "longitude": f"{longitude:.4f}"}
