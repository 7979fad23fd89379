"""Finds part of a word in big tables without looking through them: by each three letters in a row.

PostgreSQL has an index for that in its extension pg_trgm; in SQLite it is a table beside, by FTS5,
which triggers keep. Both only name candidates, and these are compared as all rows would be. So
what is too much in an index costs time, and one that is missing, or that no trigger keeps, is not
asked. They are put in place after each migration, since SQLite forgets triggers when Django
remakes a table; what had no triggers for a while is read anew.
"""

import re
import sys

from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction

# The columns of big tables in which lists search, by model label.
SEARCHED = {
    "batches.Batch": ("number_key", "supplier_number"),
    "batches.Shipment": ("reference", "document"),
    "batches.Run": ("reference", "line"),
    "batches.Event": ("label", "reason"),
}
# What more rows have, a look through the table soon comes upon.
MOST = 10_000
# The end of a word is asked for first: there numbers differ, and what all of them begin with costs
# a walk along all rows.
END = 6
OLDEST_SQLITE = (3, 34, 0)
SLOWER = "Searches look through whole tables, a third of a second for each million rows: "
# PostgreSQL makes no entries of other signs, and would walk through all of its index.
_ENTRY = re.compile(r"[^\W_]{3}")


def candidates(model, texts: dict[str, str]) -> list[int] | None:
    """The keys of all rows, and maybe of others, that have one of the texts in its column, in any
    case. None where a look through the table is as good, or all there is: without an index, for a
    text without three letters or figures in a row, and for what more than MOST rows have."""
    columns = SEARCHED.get(model._meta.label, ())
    if not texts or not set(texts) <= set(columns) or not is_kept(connection, model):
        return None
    write = _like if connection.vendor == "postgresql" else _match
    for length in (END, max(map(len, texts.values()))):
        ends = {column: text[-length:] for column, text in texts.items()}
        if not all(map(_ENTRY.search, ends.values())):
            continue
        with connection.cursor() as cursor:
            cursor.execute(*write(model, ends))
            keys = [key for (key,) in cursor.fetchall()]
        if len(keys) <= MOST:
            return keys
    return None


def _match(model, texts: dict[str, str]) -> tuple[str, list[str]]:
    quoted = {column: text.replace('"', '""') for column, text in texts.items()}
    name = name_of(model)
    asked = " OR ".join(f'{column} : "{text}"' for column, text in quoted.items())
    return f'SELECT rowid FROM "{name}" WHERE "{name}" MATCH %s LIMIT {MOST + 1}', [asked]


def _like(model, texts: dict[str, str]) -> tuple[str, list[str]]:
    different = sorted(set(texts.values()))
    wanted = " OR ".join(f"{_text(model)} LIKE UPPER(%s)" for _ in different)
    values = [f"%{connection.ops.prep_for_like_query(text)}%" for text in different]
    table = model._meta.db_table
    return f'SELECT "id" FROM "{table}" WHERE {wanted} LIMIT {MOST + 1}', values


def _text(model) -> str:
    """All columns of a row in one, as PostgreSQL has it in the index."""
    columns = SEARCHED[model._meta.label]
    return "({})".format(" || E'\\n' || ".join(f'UPPER("{column}")' for column in columns))


def name_of(model) -> str:
    return f"{model._meta.db_table}_trigrams"


def searched(link) -> list:
    """The models whose tables are there."""
    present = set(link.introspection.table_names())
    models = [apps.get_model(label) for label in SEARCHED]
    return [model for model in models if model._meta.db_table in present]


def is_kept(link, model) -> bool:
    """Whether the index is there and, on SQLite, every trigger that keeps it."""
    name = name_of(model)
    with link.cursor() as cursor:
        if link.vendor == "postgresql":
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{name}"'])
            return cursor.fetchone()[0]
        names = [name, *_triggers(model)]
        marks = ", ".join(["%s"] * len(names))
        cursor.execute(f"SELECT count(*) FROM sqlite_master WHERE name IN ({marks})", names)
        return cursor.fetchone()[0] == len(names)


def _table(model) -> str:
    columns = ", ".join(f'"{column}"' for column in SEARCHED[model._meta.label])
    return (
        f'CREATE VIRTUAL TABLE "{name_of(model)}" USING fts5({columns}, '
        f"content='{model._meta.db_table}', content_rowid='id', tokenize='trigram', columnsize=0)"
    )


def _triggers(model) -> dict[str, str]:
    """What keeps SQLite's index, by name."""
    name, table = name_of(model), model._meta.db_table
    columns = SEARCHED[model._meta.label]
    listed = ", ".join(f'"{column}"' for column in columns)
    old, new = (
        ", ".join(f'{row}."{column}"' for column in ("id", *columns)) for row in ("OLD", "NEW")
    )
    differs = " OR ".join(f'OLD."{one}" IS NOT NEW."{one}"' for one in ("id", *columns))
    put = f'INSERT INTO "{name}" (rowid, {listed}) VALUES ({new});'
    take = f"""INSERT INTO "{name}" ("{name}", rowid, {listed}) VALUES ('delete', {old});"""
    made = {
        "insert": f'AFTER INSERT ON "{table}" BEGIN {put} END',
        "update": f'AFTER UPDATE ON "{table}" WHEN {differs} BEGIN {take} {put} END',
        "delete": f'AFTER DELETE ON "{table}" BEGIN {take} END',
    }
    return {f"{name}_{on}": f"CREATE TRIGGER {name}_{on} {what}" for on, what in made.items()}


def install(using: str = "default") -> str:
    """Puts in place what is missing; says why searches stay slow, or nothing."""
    link = connections[using]
    missing = [model for model in searched(link) if not is_kept(link, model)]
    if not missing:
        return ""
    return (_install_gin if link.vendor == "postgresql" else _install_fts)(link, missing)


def _install_gin(link, models) -> str:
    try:
        with transaction.atomic(using=link.alias), link.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for model in models:
                cursor.execute(
                    f'CREATE INDEX "{name_of(model)}" ON "{model._meta.db_table}" '
                    f"USING gin ({_text(model)} gin_trgm_ops)"
                )
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return (
            f"{SLOWER}PostgreSQL says “{reason}”. Let the owner of the database, or a superuser, "
            "run CREATE EXTENSION pg_trgm in it (Debian: it comes with postgresql; elsewhere in "
            "postgresql-contrib), then manage.py migrate."
        )
    return ""


def _install_fts(link, models) -> str:
    is_able = _knows_trigrams(link)
    with transaction.atomic(using=link.alias), link.cursor() as cursor:
        for model in models:
            for name, trigger in _triggers(model).items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                if is_able:
                    cursor.execute(trigger)
            if is_able:
                cursor.execute(f'DROP TABLE IF EXISTS "{name_of(model)}"')
                cursor.execute(_table(model))
                _rebuild(cursor, model)
    if is_able:
        return ""
    return f"{SLOWER}SQLite 3.34 or newer, with FTS5, is needed. Then run manage.py migrate."


def _knows_trigrams(link) -> bool:
    with link.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'")
        return bool(cursor.fetchone()[0]) and link.get_database_version() >= OLDEST_SQLITE


def _rebuild(cursor, model) -> None:
    name = name_of(model)
    cursor.execute(f"""INSERT INTO "{name}" ("{name}") VALUES ('rebuild')""")


def rebuild(using: str = "default") -> list[str]:
    """Reads every index anew; returns their names."""
    link = connections[using]
    models = [model for model in searched(link) if is_kept(link, model)]
    with transaction.atomic(using=using), link.cursor() as cursor:
        for model in models:
            if link.vendor == "postgresql":
                cursor.execute(f'REINDEX INDEX "{name_of(model)}"')
            else:
                _rebuild(cursor, model)
    return [name_of(model) for model in models]


def missing(using: str = "default") -> list[str]:
    link = connections[using]
    return [name_of(model) for model in searched(link) if not is_kept(link, model)]


def stale(using: str = "default") -> list[str]:
    """The indexes of SQLite that do not hold what their tables do: compares all rows."""
    link = connections[using]
    if link.vendor == "postgresql":
        return []
    found = []
    for model in searched(link):
        name = name_of(model)
        if not is_kept(link, model):
            continue
        try:
            with link.cursor() as cursor:
                cursor.execute(
                    f"""INSERT INTO "{name}" ("{name}", rank) VALUES ('integrity-check', 1)"""
                )
        except DatabaseError:
            found.append(name)
    return found


def install_after_migrate(sender, using, verbosity=1, **kwargs):
    if (said := install(using)) and verbosity:
        sys.stderr.write(f"{said}\n")
