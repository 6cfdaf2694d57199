"""The databases that tests get: real ones, new and empty each time."""

import pytest
from sqlalchemy import create_engine, inspect, text


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_an_empty_database(db_url: str, turn: str) -> None:
    engine = create_engine(db_url)
    try:
        assert inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE book (title TEXT)"))
            connection.execute(text("INSERT INTO book VALUES (:title)"), {"title": f"红楼梦 {turn}"})
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT title FROM book")) == f"红楼梦 {turn}"
    finally:
        engine.dispose()


def test_an_open_connection_does_not_keep_a_database_alive(pg_url: str, request: pytest.FixtureRequest) -> None:
    engine = create_engine(pg_url)
    connection = engine.connect()
    request.addfinalizer(engine.dispose)
    request.addfinalizer(connection.invalidate)
    assert connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")) == 1


def test_postgresql_understands_chinese_and_skips_locked_rows(pg_url: str) -> None:
    engine = create_engine(pg_url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE queue (id INT PRIMARY KEY)"))
            connection.execute(text("INSERT INTO queue VALUES (1), (2)"))
        claim = text("SELECT id FROM queue ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
        with engine.begin() as one, engine.begin() as other:
            assert (one.scalar(claim), other.scalar(claim)) == (1, 2)
            assert one.scalar(text("SHOW server_encoding")) == "UTF8"
    finally:
        engine.dispose()
