"""Adapters of filters select exactly the rows that checks allow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import accumulate
from pathlib import Path

import pytest

import filter_rows
import rolecall
from filter_rows import ADAPTERS, BOUNDARIES, SUBJECTS, WIDE, Row
from rolecall import filters
from rolecall.filters import Columns, FilterError, Many

ENGINE = filter_rows.make_engine(8, 9)
ROWS = filter_rows.make_rows(ENGINE, 3_000)
LIBRARIES = ["SQLite", "SQLAlchemy"]


@pytest.fixture(scope="module")
def expected() -> dict[str, set[int]]:
    found = {subject: filter_rows.decided(ENGINE, subject, ROWS) for subject in SUBJECTS}
    assert not found["user:off"] and not found["user:none"]
    assert all(100 < len(found[subject]) < 3_000 for subject in ("user:root", "user:many", "user:mixed"))
    return found


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_adapter_selects_what_checks_allow(name: str, expected: dict[str, set[int]]) -> None:
    with ADAPTERS[name](ROWS) as select:
        assert filter_rows.differences(ENGINE, select, expected)[0] == 0


def test_django_selects_what_checks_allow() -> None:
    # A process of its own, because Django has one configuration.
    line = [sys.executable, filter_rows.__file__, "--rows", "3000", "--accounts", "8", "--projects", "9"]
    done = subprocess.run([*line, "--wide", "200", "--adapters", "Django"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| Django | few | 3,000 | 0 |" in done.stdout, done.stdout
    assert re.search(r"\| Django \| [2-9],\d\d\d \| 3,000 \| 0 \|", done.stdout), done.stdout


WIDE_ENGINE = filter_rows.make_wide_engine(250, 4)


@pytest.fixture(scope="module")
def wide() -> tuple[list[Row], dict[str, set[int]]]:
    rows = filter_rows.make_rows(WIDE_ENGINE, 4_000)
    found = {subject: filter_rows.decided(WIDE_ENGINE, subject, rows) for subject in WIDE}
    assert all(10 < len(allowed) < 2_000 for allowed in found.values())
    return rows, found


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_filter_may_have_thousands_of_branches_and_locks(
    name: str, wide: tuple[list[Row], dict[str, set[int]]]
) -> None:
    answer = filter_rows.filter_of(WIDE_ENGINE, "user:wider", filter_rows.both_columns(WIDE_ENGINE)["number"])
    locked = [item for branch in answer.branches for one in branch.locked or () for item in one.items]
    assert len(answer.branches) > 2_000 and len(locked) > 2_000
    rows, expected = wide
    with ADAPTERS[name](rows) as select:
        assert filter_rows.differences(WIDE_ENGINE, select, expected)[0] == 0


@pytest.mark.parametrize("kind", ["path", "number"])
@pytest.mark.parametrize("subject", WIDE)
def test_the_text_of_a_predicate_does_not_grow_with_the_filter(subject: str, kind: str) -> None:
    found = []
    for accounts in (40, 250):
        engine = filter_rows.make_wide_engine(accounts, 4)
        columns = filter_rows.both_columns(engine)[kind]
        answer = filter_rows.filter_of(engine, subject, columns)
        found.append([write(answer, columns).text for write in (filters.sqlite, filters.postgresql, filters.duckdb)])
    for few, many in zip(*found, strict=True):
        # Only the digits of a number count: 3 bits more in SQLite.
        assert depth(many) == depth(few) < 30 and len(many) < len(few) + 1_000 and len(many) < 12_000


def depth(text: str) -> int:
    return max(accumulate({"(": 1, ")": -1}.get(one, 0) for one in text))


def test_values_that_one_branch_or_another_has_are_one_condition() -> None:
    # A thousand assignments at one scope, each for another value.
    values = [f"value-{number}" for number in range(1_000)]
    assigned = [
        {"subject": "user:one", "role": "viewer", "at": "main", "boundaries": {"region": [value]}} for value in values
    ]
    engine = rolecall.Engine.from_dict(
        filter_rows.POLICY,
        {
            "rolecall": 1,
            "scopes": ["main"],
            "subjects": {"user:one": {"boundaries": {"region": values, "domain": [], "team": []}}},
            "assignments": assigned,
        },
    )
    columns = filter_rows.both_columns(engine)["number"]
    answer = filter_rows.filter_of(engine, "user:one", columns)
    assert len(answer.branches) == 1_000
    found = filters.sqlite(answer, columns)
    assert json.dumps(sorted(values), separators=(",", ":")) in found.parameters and len(found.text) < 1_000
    rows = filter_rows.make_rows(engine, 500)
    with filter_rows.in_sqlite(rows) as select:
        expected = filter_rows.decided(engine, "user:one", rows)
        assert select(answer, columns) == expected and 5 < len(expected) < 400


def test_a_statement_of_sqlalchemy_may_have_several_filters() -> None:
    from sqlalchemy import column, select

    columns = filter_rows.both_columns(ENGINE)["path"]
    clauses = []
    for subject in ("user:root", "user:some"):
        answer = filter_rows.filter_of(ENGINE, subject, columns)
        clauses.append(filters.sqlalchemy(answer, columns, dialect="sqlite"))
    given = select(column("id")).where(*clauses).compile().params
    expected = [
        filters.sqlite(filter_rows.filter_of(ENGINE, subject, columns), columns)
        for subject in ("user:root", "user:some")
    ]
    assert list(given.values()) == [value for one in expected for value in one.parameters]


def test_lists_with_unknown_elements_are_not_allowed() -> None:
    # A list with NULL, a text or a number instead of a list, and a value of another type.
    odd = ["[null]", '"value-0"', '["value-0", null]', "[7]", '{"a": "value-7"}', "null"]
    rows = [Row(key, "main", 0, None, None, None, None, "item:8") for key in range(len(odd))]
    with filter_rows.in_sqlite(rows) as select:
        columns = filter_rows.both_columns(ENGINE)["path"]
        answer = filter_rows.filter_of(ENGINE, "user:mixed", columns)
        assert select(answer, columns) == set(range(len(odd)))
    for column, passes in (("domains", {1, 2}), ("teams", {1})):
        rows = [Row(key, "main", 0, None, None, None, None, "item:8") for key in range(len(odd))]
        with filter_rows.in_sqlite(rows) as select:
            database = select.__closure__[0].cell_contents  # type: ignore[attr-defined]
            given = [(text, key) for key, text in enumerate(odd)]
            database.executemany(f"UPDATE reports SET {column} = ? WHERE id = ?", given)
            assert select(answer, columns) == passes


def test_values_are_parameters_and_names_are_checked() -> None:
    columns = filter_rows.both_columns(ENGINE)["path"]
    answer = filter_rows.filter_of(ENGINE, "user:some", columns)
    for found in [write(answer, columns) for write in (filters.sqlite, filters.postgresql, filters.duckdb)]:
        assert "main/" not in found.text and "value-" not in found.text and found.parameters
    numbered = filters.postgresql(answer, columns, placeholder="$")
    assert "$1" in numbered.text and f"${len(numbered.parameters)}" in numbered.text
    for name in ('scope"', "a b", "", "1a", "a..b", "a;--"):
        with pytest.raises(FilterError, match="is not the name of a column"):
            Columns(scope=name)


def test_columns_that_cannot_express_a_filter_are_errors() -> None:
    columns = filter_rows.both_columns(ENGINE)
    answer = filter_rows.filter_of(ENGINE, "user:some", columns["number"])
    version = ENGINE.numbering().numbering
    for wrong, message in [
        (columns["path"], "list_scopes"),
        (Columns(number="number", numbering=version, labels=None), "no column for `domain`"),
        (Columns(number="number", numbering=version, boundaries=BOUNDARIES), "`labels` has no column"),
        (Columns(number="number", numbering=version, boundaries=BOUNDARIES, labels=None), "`item` has no column"),
        (Columns(number="number", numbering="1-0", boundaries=BOUNDARIES, labels=None), "number the rows again"),
    ]:
        with pytest.raises(FilterError, match=message):
            filters.sqlite(answer, wrong)
    with pytest.raises(FilterError, match="name one column"):
        Columns()
    with pytest.raises(FilterError, match="name one column"):
        Columns(scope="scope", number="number", numbering=version)
    with pytest.raises(FilterError, match="`numbering` is missing"):
        Columns(number="number")
    with pytest.raises(FilterError, match="is not supported"):
        filters.sqlalchemy(answer, columns["number"], dialect="oracle")


def test_numbers_are_stale_after_a_new_scope() -> None:
    engine = filter_rows.make_engine(2, 2)
    columns = filter_rows.both_columns(engine)["number"]
    assert engine.apply({"add_scope": "main/a00"})
    with pytest.raises(FilterError, match="number the rows again"):
        filters.sqlite(filter_rows.filter_of(engine, "user:root", columns), columns)


def test_absent_values_need_no_column() -> None:
    columns = Columns(scope="scope", boundaries=dict.fromkeys(BOUNDARIES), labels=None, item="item")
    answer = filter_rows.filter_of(ENGINE, "user:some", columns)
    found = filters.sqlite(answer, columns)
    assert answer.branches[0].locked
    assert "domains" not in found.text and "labels" not in found.text and '"item"' in found.text


def test_a_filter_is_a_value() -> None:
    answer = filter_rows.filter_of(ENGINE, "user:many", filter_rows.both_columns(ENGINE)["number"])
    assert isinstance(answer, rolecall.Filter) and isinstance(answer.branches[0], rolecall.Branch)
    assert rolecall.Filter._of(answer.to_dict()) == answer
    assert Many("a") == Many("a")


PREDICATES = Path(__file__).parents[3] / "tests" / "filters" / "predicates.json"


def test_predicates_are_those_of_javascript(update: bool = "ROLECALL_WRITE_PREDICATES" in os.environ) -> None:
    # The tests of the npm packages compare their predicates with this file.
    document = json.loads(PREDICATES.read_text(encoding="utf-8"))
    engine = rolecall.Engine.from_dict(document["policy"], document["directory"])
    assert len(document["cases"]) > 8
    for case in document["cases"]:
        given = dict(case["columns"])
        boundaries = {name: column_of(column) for name, column in given.pop("boundaries").items()}
        labels = column_of(given.pop("labels"))
        version = engine.numbering().numbering if "number" in given else None
        columns = Columns(**given, numbering=version, boundaries=boundaries, labels=labels)
        answer = engine.filter(case["request"])
        found = {
            "sqlite": filters.sqlite(answer, columns)._asdict(),
            "postgresql": filters.postgresql(answer, columns, placeholder="$")._asdict(),
        }
        if update:
            case.update(found)
        else:
            assert found == {name: case[name] for name in found}
    if update:
        PREDICATES.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def column_of(given: str | dict[str, str] | None) -> str | Many | None:
    return Many(given["many"]) if isinstance(given, dict) else given
