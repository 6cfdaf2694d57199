"""Reports by readers' category and department: the same before and after anonymisation, small counts hidden."""

from datetime import timedelta
from typing import Any

import pytest

from illcore import libraries, privacy, readers
from illcore.model import Reader
from illcore.reports import Period, report, report_csv, report_json
from illcore.tables import outbox
from tests.store.conftest import NO_BLOBS, OWN, Desk


def ask(desk: Desk, count: int, category: str, department: str, outcome: str = "") -> None:
    for number in range(count):
        one = Reader(id=f"{category}-{department}-{number}", name="A. B.", category=category, department=department)
        with desk.store.write() as connection:
            key = readers.record(connection, OWN, one, desk.now)
        id = desk.submit((), reader_id=key).id
        if outcome:
            desk.apply(desk.done(id, "close", outcome=outcome))


def groups(desk: Desk, by: Any, k: int = 5) -> dict[str, dict[str, Any]]:
    with desk.store.read() as connection:
        found = report_json(report(connection, OWN, Period(), desk.now, by=by, k=k))
    assert all(group["role"] == "requester" for group in found["groups"])
    return {group["key"]: group for group in found["groups"]}


@pytest.fixture
def library(desk: Desk) -> Desk:
    ask(desk, 9, "student", "History", "filled")
    ask(desk, 6, "student", "Physics", "unfilled")
    ask(desk, 2, "staff", "Physics", "filled")
    ask(desk, 7, "guest", "", "filled")
    return desk


def test_a_small_group_is_hidden_with_a_second_one(library: Desk) -> None:
    found = groups(library, "category")
    assert found["student"]["requests"] | {"open": 0} == {
        **dict.fromkeys(("expired", "no_response", "cancelled", "other", "open"), 0),
        "total": 15,
        "filled": 9,
        "unfilled": 6,
    }
    for key in ("staff", "guest"):
        assert found[key]["requests"]["filled"] is None
        assert found[key]["requests"]["total"] is None
        assert found[key]["fill_rate"]["value"] is None
        assert set(found[key]["hidden"]) == {"filled", "total"}
        assert not any(span["mean"] for span in found[key]["times"].values())
    assert "outcomes" not in found["student"]
    assert "attempts" not in found["student"]
    assert found["student"]["fill_rate"] == {"value": 0.6, "numerator": 9, "denominator": 15}


def test_a_library_that_hides_nothing_sees_all(library: Desk) -> None:
    found = groups(library, "department", k=1)
    assert {key: group["requests"]["total"] for key, group in found.items()} == {"History": 9, "Physics": 8, "": 7}


@pytest.mark.parametrize("by", ["category", "department"])
def test_anonymising_changes_no_figure(library: Desk, by: str) -> None:
    before = groups(library, by, k=1)
    with library.store.write() as connection:
        own = libraries.get(connection, OWN)
        connection.execute(outbox.delete())  # nothing is under way
    done = privacy.run(library.store, NO_BLOBS, own, {}, library.staff(), library.now + timedelta(days=40))
    assert done.erased["requests"] == 24
    assert done.erased["readers"] == 24
    assert groups(library, by, k=1) == before


def test_the_report_says_that_counts_are_hidden(library: Desk) -> None:
    with library.store.read() as connection:
        made = report(connection, OWN, Period(), library.now, by="category")
    shown = report_json(made)
    assert shown["suppression"] == {"k": 5, "cells": 4}
    assert "below 5 are hidden" in shown["definitions"]["hidden"]["en"]
    assert "小于 5" in shown["definitions"]["hidden"]["zh"]
    rows = [line for line in report_csv(made, "en").splitlines() if line.startswith("requester,category,staff")]
    assert any(",requests,filled,,hidden," in row for row in rows)
    assert not any(",2," in row for row in rows)


def test_other_reports_hide_nothing(library: Desk) -> None:
    with library.store.read() as connection:
        shown = report_json(report(connection, OWN, Period(), library.now, by="service_type"))
    assert "suppression" not in shown
    assert "hidden" not in shown["definitions"]
