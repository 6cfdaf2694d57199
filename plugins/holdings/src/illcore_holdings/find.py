"""Candidates out of the tables: by number, by whole title, by words; each a statement that an index answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, bindparam, literal_column, select, text

from .asked import Asked
from .record import Record, load_record
from .tables import SHIFT, keys, records, set_of
from .words import number_key, sought_words, whole_title_key

MOST_BY_NUMBER = 2000
MOST_BY_WORDS = 100

_BY_KEY = (
    select(records.c.id, records.c.body)
    .select_from(keys.join(records, records.c.id == keys.c.record))
    .where(
        keys.c.key.in_(bindparam("keys", expanding=True, type_=BigInteger)),
        literal_column(f"(holdings_key.record >> {SHIFT})", BigInteger).in_(
            bindparam("sets", expanding=True, type_=Integer)
        ),
    )
    .limit(bindparam("most", type_=Integer))
)
_SETS = bindparam("sets", expanding=True, type_=Integer)
_BY_WORDS = {
    "sqlite": text(
        "SELECT r.id, r.body FROM holdings_words CROSS JOIN holdings_record r ON r.id = holdings_words.rowid "
        f"WHERE holdings_words MATCH :words AND (r.id >> {SHIFT}) IN :sets LIMIT :most"
    ).bindparams(_SETS),
    "postgresql": text(
        "WITH hit AS MATERIALIZED (SELECT id FROM holdings_words "
        f"WHERE words @@ CAST(:words AS tsquery) AND (id >> {SHIFT}) IN :sets LIMIT :most) "
        "SELECT r.id, r.body FROM hit JOIN holdings_record r ON r.id = hit.id"
    ).bindparams(_SETS),
}
_INDEX_ONLY = text("SET LOCAL enable_seqscan = off")


class Finder:
    """Looks in some sets of one database, on one connection that reads."""

    def __init__(self, connection: Connection, sets: Iterable[int]) -> None:
        self._connection = connection
        self._sets = list(sets)
        self._found: dict[int, Record] = {}
        if connection.dialect.name == "postgresql":
            # What is looked for is rare; where the planner thinks otherwise it would read the whole table.
            connection.execute(_INDEX_ONLY)

    def candidates(self, asked: Asked) -> dict[int, Record]:
        """Records that may be what is asked, by id: by number if it is known here, else by title, then by words."""
        if not self._sets:
            return {}
        numbers = [number_key(number) for number in (asked.isbn, asked.issn) if number]
        if numbers and self._by_key(numbers, MOST_BY_NUMBER):
            return self._found
        whole = whole_title_key(asked.title) if asked.title else None
        exact = self._by_key([whole], MOST_BY_NUMBER) if whole is not None else 0
        if not exact or exact >= MOST_BY_NUMBER or asked.part_words:
            self._by_words_of(asked)
        return self._found

    def _by_words_of(self, asked: Asked) -> None:
        title, author = sought_words(asked.title, "t"), sought_words(asked.author, "a")
        anywhere = [[f"t{word[1:]}", f"a{word[1:]}"] for word in sought_words(asked.keyword, "t")]
        if not (title or author or anywhere):
            return
        if self._by_words([*([word] for word in (*title, *author)), *anywhere]) or not title:
            return
        if author and self._by_words([[word] for word in title]):
            return
        main = asked.title
        for sign in (":", "：", "=", "/", "——", " - ", ";", "("):
            main = main.partition(sign)[0]
        shorter = sought_words(main, "t")
        if shorter and shorter != title:
            self._by_words([[word] for word in shorter])

    def _by_key(self, wanted: Sequence[int], most: int) -> int:
        return self._take(_BY_KEY, {"keys": list(wanted), "sets": self._sets, "most": most})

    def _by_words(self, alternatives: Sequence[Sequence[str]]) -> int:
        """Records that have one of each group of words."""
        dialect = self._connection.dialect.name
        quote, either, both = ('"', " OR ", " AND ") if dialect == "sqlite" else ("'", " | ", " & ")
        groups = [either.join(f"{quote}{word}{quote}" for word in group) for group in alternatives]
        words = both.join(f"({group})" for group in groups)
        return self._take(_BY_WORDS[dialect], {"words": words, "sets": self._sets, "most": MOST_BY_WORDS})

    def _take(self, statement: Any, values: dict[str, Any]) -> int:
        found = {number: load_record(body) for number, body in self._connection.execute(statement, values)}
        self._found |= found
        return len(found)


__all__ = ["MOST_BY_WORDS", "Finder", "set_of"]
