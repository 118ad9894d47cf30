"""Rows with random scopes, values and labels, and the adapters that select them.

The tests and the benchmark of filters share this file. Run it to compare every adapter whose library is installed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count as counted
from pathlib import Path
from typing import Any

import rolecall
from rolecall import filters
from rolecall.filters import Columns, Many

TIME = "2026-11-21T10:00:00Z"
PERMISSION = "reports:view"
CONTEXT = {"time": TIME, "ip": "203.0.113.9"}
VALUES = [f"value-{number}" for number in range(8)]
LABELS = ["health", "pii"]

POLICY = {
    "rolecall": 1,
    "scopes": ["instance", "account", "project"],
    "labels": LABELS,
    "resources": {"reports": {"actions": ["view", "edit"]}},
    "roles": {
        "viewer": {"grants": ["reports:view"]},
        "reader": {"grants": ["reports:view"], "reads": LABELS, "unbounded": ["region", "domain", "team", "lock"]},
    },
    "guards": {
        "boundaries": {
            "region": {"limits": ["view"], "match": "all"},
            "domain": {"limits": ["view"], "match": "any"},
            "team": {"limits": ["view"], "match": "all"},
            "lock": {"limits": ["view"], "match": "any", "default": "none", "from": "groups", "items": "locks"},
        }
    },
}
BOUNDARIES: dict[str, str | Many | None] = {
    "region": "region",
    "domain": Many("domains"),
    "team": Many("teams"),
    "lock": None,
}
SUBJECTS = ["user:root", "user:some", "user:many", "user:mixed", "user:none", "user:off"]


@dataclass(frozen=True)
class Row:
    id: int
    scope: str
    number: int | None
    region: str | None
    domains: list[str] | None
    teams: list[str] | None
    labels: list[str] | None
    item: str | None
    """The id by which locks name the row."""


def make_engine(accounts: int, projects: int, *, has_locks: bool = True) -> rolecall.Engine:
    """Makes a tree with subjects that hold the root, some accounts, every third project, and a mix with exceptions."""
    names = [f"main/a{account}" for account in range(accounts)]
    tree = [(account, f"{account}/p{project}") for account in names for project in range(projects)]
    scopes = ["main", *dict.fromkeys(account for account, _ in tree), *(project for _, project in tree)]
    assigned = [("user:root", "reader", "main"), ("user:off", "reader", "main"), ("user:mixed", "viewer", "main")]
    assigned += [("user:some", "viewer", f"main/a{account}") for account in range(0, accounts, 5)]
    assigned += [("user:many", "reader", project) for _, project in tree[::3]]
    assigned += [("user:mixed", "reader", account) for account, _ in tree[::7]]
    closed = {account: {"ip_allow": ["198.51.100.0/24"]} for account, _ in tree[:: projects * 4]}
    # Some ids are locked everywhere, and others only below some accounts and projects.
    locks: dict[str, Any] = {"main": {"item:0": {"groups": ["group:some"]}, "item:1": {"groups": ["group:others"]}}}
    for account, project in tree[::4]:
        locks[account] = {"item:2": {"groups": ["group:some", "group:others"]}, "item:3": {"groups": ["group:others"]}}
        locks[project] = {"item:4": {"groups": ["group:others"]}, "item:0": {"groups": ["group:some"]}}
    held = {"region": VALUES[:2], "domain": VALUES[:3], "team": VALUES[:4]}
    directory = {
        "rolecall": 1,
        "scopes": scopes,
        "settings": closed,
        "groups": {"group:some": {"members": ["user:some", "user:mixed"]}, "group:others": {"members": ["user:root"]}},
        "locks": locks if has_locks else {},
        "subjects": {
            **{subject: {"boundaries": held} for subject in SUBJECTS},
            "user:off": {"status": "suspended"},
        },
        "assignments": [{"subject": subject, "role": role, "at": at} for subject, role, at in dict.fromkeys(assigned)],
    }
    return rolecall.Engine.from_dict(POLICY, directory)


WIDE = ["user:wide", "user:wider", "user:deep"]


def make_wide_engine(accounts: int, projects: int) -> rolecall.Engine:
    """Makes a tree with subjects whose assignments have other values at each account, and ids that are locked there."""
    names = [f"main/a{account}" for account in range(accounts)]
    tree = [(account, f"{account}/p{project}") for account in names for project in range(projects)]
    assigned: list[dict[str, Any]] = []

    def assign(subject: str, role: str, at: str, **values: list[str]) -> None:
        assigned.append({"subject": subject, "role": role, "at": at, "boundaries": values})

    for number, account in enumerate(names):
        own = [f"own-{number}", VALUES[number % 4], VALUES[(number + 1) % 4]]
        assign("user:wide", "viewer", account, region=own, team=VALUES[number % 3 :])
        assign("user:wider", "viewer", account, domain=own, team=own)
        if number % 3 == 0:
            assign("user:wide", "reader", account, team=own)
            assign("user:wider", "reader", account, team=VALUES[:3], region=own)
    for number, (_, project) in enumerate(tree):
        assign("user:wider", "viewer", project, team=[f"own-{number}", VALUES[number % 6]])
        if number % 5 == 0:
            assign("user:wider", "viewer", project, region=[VALUES[number % 4]], domain=VALUES[number % 7 :])
    # Many alternatives at one scope, of which a row needs one.
    for number in range(5):
        assign("user:deep", "viewer", "main", team=VALUES[number : number + 2], region=VALUES[number % 3 :])
    for number in range(40):
        own = [f"own-{number}", *VALUES[number % 6 : number % 6 + 2]]
        assign("user:deep", "viewer", f"main/a{number % 3}", team=own)
        assign("user:deep", "viewer", f"main/a{number % 3}/p1", team=own[1:], region=VALUES[number % 3 :])
    locks: dict[str, Any] = {"main": {"item:0": {"groups": ["group:some"]}, "item:1": {"groups": ["group:others"]}}}
    for account in names[::3]:
        locks[account] = {"item:2": {"groups": ["group:others"]}, f"doc:{account}": {"groups": ["group:others"]}}
    for _, project in tree[::2]:
        locks[project] = {f"doc:{project}": {"groups": ["group:others"]}, "item:3": {"groups": ["group:some"]}}
    held = {"region": VALUES, "domain": VALUES[:5], "team": [*VALUES, *(f"own-{number}" for number in range(40))]}
    directory = {
        "rolecall": 1,
        "scopes": ["main", *names, *(project for _, project in tree)],
        "groups": {"group:some": {"members": ["user:wider", "user:deep"]}, "group:others": {"members": ["user:other"]}},
        "locks": locks,
        "subjects": {"user:other": {}, **{subject: {"boundaries": held} for subject in WIDE}},
        "assignments": assigned,
    }
    return rolecall.Engine.from_dict(POLICY, directory)


def make_rows(engine: rolecall.Engine, count: int) -> list[Row]:
    """Makes rows at every scope, some at scopes that are not listed, with values that are missing, empty or unknown."""
    chance = random.Random(24)
    scopes = engine.numbering().scopes
    numbers = {scope: number for number, scope in enumerate(scopes)}
    places = [*scopes, "main/gone", "elsewhere"]

    def many(values: list[str]) -> list[str] | None:
        kind = chance.randrange(6)
        if kind < 2:
            return [None, []][kind]
        return chance.sample(values, chance.randint(1, min(3, len(values))))

    def row(key: int) -> Row:
        scope = places[key] if key < len(places) else chance.choice(places)
        region = chance.choice([None, *VALUES[:4]])
        item = chance.choice([None, *(f"item:{number}" for number in range(9)), f"doc:{scope}"])
        return Row(key, scope, numbers.get(scope), region, many(VALUES), many(VALUES[:6]), many(LABELS), item)

    return [row(key) for key in range(count)]


def decided(engine: rolecall.Engine, subject: str, rows: list[Row]) -> set[int]:
    """Decides row by row."""
    allowed = set()
    for row in rows:
        values = {"region": [row.region] if row.region else [], "domain": row.domains or [], "team": row.teams or []}
        request: rolecall.Request = {
            "subject": subject,
            "permission": PERMISSION,
            "at": row.scope,
            "resource": {"labels": row.labels or [], "boundaries": values},
            "context": CONTEXT,  # type: ignore[typeddict-item]
        }
        if row.item is not None:
            request["resource"]["id"] = row.item
        if engine.can(request):
            allowed.add(row.id)
    return allowed


Select = Callable[[rolecall.Filter, Columns], set[int]]


def plain(row: Row) -> tuple[Any, ...]:
    """Returns a row with its lists as JSON."""
    lists = [None if one is None else json.dumps(one) for one in (row.domains, row.teams, row.labels)]
    return (row.id, row.scope, row.number, row.region, *lists, row.item)


@contextmanager
def in_sqlite(rows: list[Row]) -> Iterator[Select]:
    database = sqlite3.connect(":memory:")
    columns = "id INTEGER PRIMARY KEY, scope, number INTEGER, region, domains, teams, labels, item"
    database.execute(f"CREATE TABLE reports ({columns})")
    database.executemany("INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(plain, rows))

    def select(answer: rolecall.Filter, columns: Columns) -> set[int]:
        found = filters.sqlite(answer, columns)
        query = f"SELECT id FROM reports WHERE {found.text}"
        return {key for (key,) in database.execute(query, found.parameters)}

    yield select
    database.close()


@contextmanager
def in_sqlalchemy(rows: list[Row]) -> Iterator[Select]:
    from sqlalchemy import column, create_engine, select, table, text

    database = create_engine("sqlite://")
    names = ("id", "scope", "number", "region", "domains", "teams", "labels", "item")
    with database.connect() as connection:
        connection.execute(text(f"CREATE TABLE reports ({', '.join(names)})"))
        values = ", ".join(f":{name}" for name in names)
        given = [dict(zip(names, plain(row), strict=True)) for row in rows]
        connection.execute(text(f"INSERT INTO reports VALUES ({values})"), given)
        reports = table("reports", *map(column, names))

        def chosen(answer: rolecall.Filter, columns: Columns) -> set[int]:
            clause = filters.sqlalchemy(answer, columns, dialect=database.dialect.name)
            return set(connection.execute(select(reports.c.id).where(clause)).scalars())

        yield chosen


COUNT = counted()


@contextmanager
def in_django(rows: list[Row]) -> Iterator[Select]:
    import django
    from django.conf import settings
    from django.db import connection, models

    if not settings.configured:
        databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        settings.configure(DATABASES=databases, INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
        django.setup()
    if connection.settings_dict["NAME"] != ":memory:":
        raise RuntimeError("Django is set up for another database")

    class Report(models.Model):
        scope = models.TextField(db_column="scope")
        number = models.IntegerField(null=True)
        region = models.TextField(null=True)
        domains = models.JSONField(null=True)
        teams = models.JSONField(null=True)
        labels = models.JSONField(null=True)
        item = models.TextField(null=True)

        class Meta:
            app_label = f"reports{next(COUNT)}"
            db_table = "reports"

    with connection.schema_editor() as editor:
        editor.create_model(Report)
    Report.objects.bulk_create([Report(**vars(row)) for row in rows], batch_size=1_000)

    def select(answer: rolecall.Filter, columns: Columns) -> set[int]:
        return set(Report.objects.filter(filters.django(answer, columns)).values_list("id", flat=True))

    yield select
    with connection.schema_editor() as editor:
        editor.delete_model(Report)


@contextmanager
def in_duckdb(rows: list[Row]) -> Iterator[Select]:
    import duckdb

    database = duckdb.connect()
    lists = "domains VARCHAR[], teams VARCHAR[], labels VARCHAR[]"
    database.execute(
        f"CREATE TABLE reports (id INTEGER, scope VARCHAR, number INTEGER, region VARCHAR, {lists}, item VARCHAR)"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(vars(row)) + "\n" for row in rows)
        file.flush()
        columns = "id: 'INTEGER', scope: 'VARCHAR', number: 'INTEGER', region: 'VARCHAR'"
        columns += "".join(f", {name}: 'VARCHAR[]'" for name in ("domains", "teams", "labels")) + ", item: 'VARCHAR'"
        database.execute(f"INSERT INTO reports SELECT * FROM read_json('{file.name}', columns = {{{columns}}})")

    def select(answer: rolecall.Filter, columns: Columns) -> set[int]:
        found = filters.duckdb(answer, columns)
        query = f"SELECT id FROM reports WHERE {found.text}"
        return {key for (key,) in database.execute(query, found.parameters).fetchall()}

    yield select
    database.close()


@contextmanager
def in_polars(rows: list[Row]) -> Iterator[Select]:
    import polars as pl

    lists = {name: pl.List(pl.String) for name in ("domains", "teams", "labels")}
    schema = {"id": pl.Int64, "scope": pl.String, "number": pl.Int64, "region": pl.String, **lists, "item": pl.String}
    frame = pl.DataFrame([tuple(vars(row).values()) for row in rows], schema=schema, orient="row")
    yield lambda answer, columns: set(frame.filter(filters.polars(answer, columns))["id"].to_list())


@contextmanager
def in_pandas(rows: list[Row]) -> Iterator[Select]:
    import pandas as pd

    frame = pd.DataFrame([vars(row) for row in rows])
    yield lambda answer, columns: set(frame[filters.pandas(answer, columns, frame)]["id"].tolist())


POSTGRESQL = Path("/usr/lib/postgresql")


def cpu_seconds(server: int) -> float:
    """Returns the processor time of this process and of a server with all its children, also those that have ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name, which may have spaces: the parent is field 4, and the times are fields 14 to 17.
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == str(server):
                ticks += sum(map(int, fields[11:15]))
            elif fields[1] == str(server):
                ticks += sum(map(int, fields[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def postgresql_server() -> Iterator[tuple[str, int]]:
    """Starts a server of its own from the packages of Debian. Returns how to connect to it, and its process."""
    programs = max(POSTGRESQL.glob("*/bin"), key=lambda path: int(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="rolecall-"))
    is_root = os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if is_root else []
    if is_root:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run([*as_user, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres"], **quiet)  # type: ignore[call-overload]
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    control = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run([*control, "-l", str(folder / "log"), "-o", options, "start"], **quiet)  # type: ignore[call-overload]
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        yield f"host={folder} user=postgres dbname=postgres", pid
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def in_postgresql(rows: list[Row]) -> Iterator[Select]:
    import psycopg

    with postgresql_server() as (where, pid), psycopg.connect(where) as database:
        lists = "domains text[], teams text[], labels text[]"
        database.execute(
            f"CREATE TABLE reports (id int PRIMARY KEY, scope text, number int, region text, {lists}, item text)"
        )
        with database.cursor().copy("COPY reports FROM STDIN") as copy:
            for row in rows:
                copy.write_row(list(vars(row).values()))
        database.execute("CREATE INDEX ON reports (number)")
        database.execute("CREATE INDEX ON reports (scope)")
        database.execute("ANALYZE reports")
        # Compiling a query takes longer than running it.
        database.execute("SET jit = off")

        def select(answer: rolecall.Filter, columns: Columns) -> set[int]:
            found = filters.postgresql(answer, columns)
            query = f"SELECT id FROM reports WHERE {found.text}"
            return {key for (key,) in database.execute(query, found.parameters)}  # type: ignore[arg-type]

        select.clock = lambda: cpu_seconds(pid)  # type: ignore[attr-defined]
        yield select


ADAPTERS: dict[str, Callable[[list[Row]], Any]] = {
    "SQLite": in_sqlite,
    "SQLAlchemy": in_sqlalchemy,
    "Django": in_django,
    "PostgreSQL": in_postgresql,
    "DuckDB": in_duckdb,
    "Polars": in_polars,
    "pandas": in_pandas,
}


def both_columns(engine: rolecall.Engine) -> dict[str, Columns]:
    version = engine.numbering().numbering
    shared: dict[str, Any] = {"boundaries": BOUNDARIES, "labels": Many("labels"), "item": "item"}
    return {"path": Columns(scope="scope", **shared), "number": Columns(number="number", numbering=version, **shared)}


def filter_of(engine: rolecall.Engine, subject: str, columns: Columns) -> rolecall.Filter:
    request: rolecall.FilterRequest = {"subject": subject, "permission": PERMISSION, "context": CONTEXT}  # type: ignore[typeddict-item]
    if columns.scope is not None:
        request["list_scopes"] = True
    return engine.filter(request)


def differences(engine: rolecall.Engine, select: Select, expected: dict[str, set[int]]) -> tuple[int, dict[str, float]]:
    """Returns the number of rows that an adapter decides differently, and its processor time by kind of column."""
    count, seconds = 0, {}
    clock = getattr(select, "clock", time.process_time)
    for kind, columns in both_columns(engine).items():
        begun = clock()
        for subject, allowed in expected.items():
            count += len(select(filter_of(engine, subject, columns), columns) ^ allowed)
        seconds[kind] = clock() - begun
    return count, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares every adapter with deciding row by row, and prints a table.")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--projects", type=int, default=10)
    parser.add_argument("--wide", type=int, default=300, help="accounts with other values each")
    parser.add_argument("--only", choices=["few", "unlocked", "wide"], help="one of the worlds")
    parser.add_argument("--adapters", nargs="+", default=list(ADAPTERS), choices=list(ADAPTERS))
    args = parser.parse_args()
    wide = make_wide_engine(args.wide, 4)
    branches = len(filter_of(wide, "user:wider", both_columns(wide)["number"]).branches)
    worlds = {
        "few": ("few", make_engine(args.accounts, args.projects), SUBJECTS),
        "unlocked": ("few, no locks", make_engine(args.accounts, args.projects, has_locks=False), SUBJECTS),
        "wide": (f"{branches:,}", wide, WIDE),
    }
    heads = ["Adapter", "Branches", "Rows", "Differences", "Row by row", "By path", "By number"]
    print(f"| {' | '.join([*heads, 'Faster, path', 'Faster, number'])} |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    compared = [
        compare(engine, subjects, title, count, args.adapters)
        for count in args.rows
        for name, (title, engine, subjects) in worlds.items()
        if args.only in (None, name)
    ]
    sys.exit(not all(compared))


def compare(engine: rolecall.Engine, subjects: list[str], branches: str, count: int, adapters: list[str]) -> bool:
    """Prints a line for each adapter, and returns whether none differs.

    Times are those of the processor, also in a server and in threads, so other programs and waiting do not count.
    """
    rows = make_rows(engine, count)
    # An application does not hold the rows, so looking through them for garbage does not count.
    gc.freeze()
    begun = time.process_time()
    expected = {subject: decided(engine, subject, rows) for subject in subjects}
    alone = time.process_time() - begun
    is_equal = True
    for name in adapters:
        with ADAPTERS[name](rows) as select:
            # The first use of a library loads its code.
            differences(engine, select, {subjects[0]: set()})
            wrong, seconds = differences(engine, select, expected)
        is_equal &= wrong == 0
        path, number = seconds["path"], seconds["number"]
        cells = [name, branches, f"{count:,}", f"{wrong:,}", f"{alone:.2f} s", f"{path:.3f} s", f"{number:.3f} s"]
        cells += [f"{alone / path:.0f} times", f"{alone / number:.0f} times"]
        print(f"| {' | '.join(cells)} |", flush=True)
    return is_equal


if __name__ == "__main__":
    main()
