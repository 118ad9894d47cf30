"""Predicates for Django and SQLAlchemy, with the same SQL as for their databases."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .._answers import Filter
from ._columns import Columns, FilterError, name_of
from ._dialects import Postgresql, Sqlite, quoted
from ._plan import plan
from ._sql import Writer

WRITERS: dict[str, type[Writer]] = {"postgresql": Postgresql, "sqlite": Sqlite}


def _writer(database: str) -> type[Writer]:
    if database not in WRITERS:
        raise FilterError(f"`{database}` is not supported; use {' or '.join(WRITERS)}")
    return WRITERS[database]


def sqlalchemy(answer: Filter, columns: Columns, *, dialect: str) -> Any:
    """Returns a clause for `Select.where` of SQLAlchemy. `dialect` is the name of the dialect of the engine.

    Name columns with their tables, such as `reports.scope`, if a statement has several. Raises `FilterError`.
    """
    alchemy = import_module("sqlalchemy")

    writer = _writer(dialect)(lambda count: f":rolecall_{count}", quoted)
    found = writer.write(answer, columns)
    names = [f"rolecall_{count + 1}" for count in range(len(found.parameters))]
    given = zip(names, found.parameters, strict=True)
    return alchemy.text(found.text).bindparams(*(alchemy.bindparam(name, one, unique=True) for name, one in given))


def django(answer: Filter, columns: Columns) -> Any:
    """Returns a `Q` for `QuerySet.filter` of Django. Columns are names of fields.

    Lists are an `ArrayField` in PostgreSQL and a `JSONField` in SQLite. Raises `FilterError`.
    """
    models = import_module("django.db.models")
    planned = plan(answer, columns)
    if not planned.parts:
        return models.Q(pk__in=[])
    used = [columns.scope or columns.number or ""]
    used += [name_of(values.column) for part in planned.parts for values in part.values]
    used += [columns.item or "" for part in planned.parts if part.locks is not None]
    fields = list(dict.fromkeys(used))

    def as_sql(self: Any, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        # The compiler writes the names of the columns, because a query may rename their tables.
        written = [compiler.compile(source)[0] for source in self.get_source_expressions()]
        names = dict(zip(fields, written, strict=True))
        found = _writer(connection.vendor)(lambda _: "%s", names.__getitem__).write_plan(planned, columns)
        return found.text, found.parameters

    rows = type("Rows", (models.Func,), {"output_field": models.BooleanField(), "conditional": True, "as_sql": as_sql})
    return models.Q(rows(*map(models.F, fields)))
