"""A small caterer's history as import files: umlauts, gaps, and two growers with a batch 7."""

from pathlib import Path

from django.utils import timezone

from batches import importing
from batches.intake import columns, rows, tables
from batches.operations.imports import import_sheet

FILES = {
    "products": """code,name,unit,gtin
BEEREN,Gemischte Beeren,kg,
GRÜTZE,Rote Grütze,portion,04012345678901
QUARK,Kräuterquark,portion,
""",
    "locations": """code,name,kind,city,country,timezone,parent
HOF-A,Hof Süßmann,supplier,Übersee,DE,Europe/Berlin,
HOF-B,Hof Bäcker,supplier,Bad Tölz,DE,Europe/Berlin,
KÜCHE,Großküche Nord,plant,München,DE,Europe/Berlin,
SCHULE-1,Schule am Bächle,customer,Füssen,DE,Europe/Berlin,AMT
SCHULE-2,Schule Grünwald,customer,Grünwald,DE,Europe/Berlin,AMT
AMT,Schulamt,customer,München,DE,Europe/Berlin,
""",
    "contacts": """location,email,name,language
SCHULE-1,kueche@schule-1.example,Frau Öztürk,de
""",
    "batches": """product,batch,origin,produced_at,quantity
BEEREN,7,HOF-A,2026-05-01,100
BEEREN,7,HOF-B,,
GRÜTZE,G-1,KÜCHE,2026-05-04,400
""",
    "runs": """reference,location,direction,product,batch,batch_origin,quantity,ran_at
KOCH-1,KÜCHE,input,BEEREN,7,HOF-A,60,2026-05-04T06:00
KOCH-1,KÜCHE,input,BEEREN,7,HOF-B,,2026-05-04T06:00
KOCH-1,KÜCHE,output,GRÜTZE,G-1,,400,2026-05-04T06:00
""",
    "shipments": """\
reference,origin,destination,product,batch,batch_origin,quantity,shipped_at,received_at
L-1,HOF-A,KÜCHE,BEEREN,7,HOF-A,100,2026-05-02,2026-05-03
L-2,HOF-B,KÜCHE,BEEREN,7,HOF-B,,,
L-3,KÜCHE,SCHULE-1,GRÜTZE,G-1,,150,2026-05-05T09:00,2026-05-05T10:00
L-3,KÜCHE,SCHULE-1,BEEREN,7,HOF-A,"2,5",2026-05-05T09:00,2026-05-05T10:00
L-4,KÜCHE,SCHULE-2,GRÜTZE,G-1,KÜCHE,200,2026-05-05,
""",
    "adjustments": """location,product,batch,quantity,reason,at
SCHULE-1,GRÜTZE,G-1,-148,sold,2026-05-05
""",
}


def sheet(kind: str, text: str | bytes, name: str = ""):
    content = text if isinstance(text, bytes) else text.encode()
    return rows.check(kind, tables.read(name or f"{kind}.csv", content))


def take(kind: str, text: str | bytes, **how):
    """Imports one file given as text."""
    how.setdefault("by", None)
    return import_sheet(sheet=sheet(kind, text), at=timezone.now(), **how)


def take_all(but: tuple[str, ...] = ()) -> None:
    for kind in columns.KINDS:
        if kind not in but:
            assert take(kind, FILES[kind]).refused == 0, kind


def write_all(folder: Path) -> Path:
    for kind, text in FILES.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    return folder


def take_folder(folder: Path, **how):
    how.setdefault("by", None)
    return importing.import_folder(folder, at=timezone.now(), **how)
