"""Rows named by their keys, thousands of them at once."""

from django.db.models import BooleanField, F, Func, TextField, Value


class HasKey(Func):
    """Whether the key of a row is one of these, all of them in one value: SQLite takes only so
    many values in a query, and PostgreSQL reads thousands of them slowly."""

    output_field = BooleanField()

    def __init__(self, keys: list[int]):
        listed = f"{{{','.join(map(str, keys))}}}"
        super().__init__(F("pk"), Value(listed, output_field=TextField()))

    def as_sqlite(self, compiler, connection, **context):
        template = "%(expressions)s, '{}') || ']'))"
        joined = " IN (SELECT value FROM json_each('[' || TRIM("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joined, **context)

    def as_postgresql(self, compiler, connection, **context):
        # A constant to the planner, and so hashed; of any function of it each row would make it.
        template = "%(expressions)s::bigint[])"
        joined = " = ANY("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joined, **context)
