"""CSV lists, as special collections keep them → Record; the columns have English or Chinese names, or are mapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..charset import Charset
from ..faults import CannotLoad
from ..opened import SourceFile
from ..reading import Reading
from ..record import Copy, Record, clean, numbers, year_in
from .licence import licence
from .rows import Row, RowsFile

NAMES: Mapping[str, str] = {
    "title": "title 题名 书名 标题 题名与责任者 名称",
    "author": "author creator 作者 责任者 著者 著者姓名 编者",
    "isbn": "isbn 国际标准书号",
    "issn": "issn 国际标准刊号",
    "edition": "edition 版本 版次",
    "year": "year date published 出版年 出版日期 年代 年份",
    "location": "location shelf collection 馆藏地 馆藏地点 馆藏位置 典藏地",
    "call_number": "callnumber shelfmark 索书号 架号 排架号",
    "barcode": "barcode 条码 条码号 登录号 财产号",
    "copies": "copies 复本 复本数 册数 数量",
    "url": "url link 网址 链接 全文链接",
    "number": "id recordid number 编号 控制号 记录号",
    "note": "note notes remark remarks 附注 备注",
    "available": "available status 在架 在馆 状态",
    "loanable": "loanable 可外借 可借 外借",
    "copyable": "copyable 可复制 复制",
    "library": "library 馆代码 收藏馆",
}
_BY_WORD = {word: name for name, words in NAMES.items() for word in words.split()}
_YES = frozenset("yes y true 1 available 是 可 可以 在架 在馆 可借".split())
_NO = frozenset("no n false 0 unavailable out loaned lost 否 不可 借出 已借出 不可以 丢失".split())
_FORMULA = re.compile(r'^=\s*"((?:[^"]|"")*)"$')
_LINK = re.compile(r'^=\s*HYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*"((?:[^"]|"")*)"\s*)?\)$', re.IGNORECASE)


class CsvReader:
    """`mapping` says which column (by its heading) stands for which of `NAMES`. Positions are rows.

    A cell that Excel wrote as a formula (`="978…"`, `=HYPERLINK(…)`) counts as the text that it shows; any other
    formula is text and nothing else.
    """

    kind = "csv"
    foot = b""

    def __init__(self, file: SourceFile, charset: Charset, mapping: Mapping[str, str], delimiter: str | None) -> None:
        self._rows = RowsFile(file, charset, delimiter)
        headings = [_plain(name) for name in self._rows.heading]
        self._places: dict[str, int] = {}
        for name, heading in mapping.items():
            if _plain(heading) not in headings:
                raise CannotLoad(f"{file.path} has no column {heading}; it has {', '.join(self._rows.heading)}")
            self._places[name] = headings.index(_plain(heading))
        taken = set(self._places.values())
        for place, heading in enumerate(headings):
            name = _BY_WORD.get(heading, "")
            if name and place not in taken:
                self._places.setdefault(name, place)
        if "title" not in self._places:
            raise CannotLoad(
                f"no column of {file.path} is known as the title; say which: --map title=COLUMN "
                f"(it has {', '.join(self._rows.heading)})"
            )
        self.head = self._rows.head

    def read(self, position: int) -> Iterator[Reading]:
        for row, done in self._rows.rows(position):
            where = f"line {row.line}"
            reason = row.reason
            if not reason:
                try:
                    record, wrong = self._record(row)
                    yield Reading(row.number, done, where, record, wrong_number=wrong)
                    continue
                except ValueError as error:
                    reason = str(error)
            yield Reading(row.number, done, where, raw=self._rows.octets(row.raw), reason=reason)

    def _record(self, row: Row) -> tuple[Record, str]:
        def cell(name: str, *, link: bool = False) -> str:
            place = self._places.get(name, -1)
            return clean(_shown(row.cells[place], link=link)) if 0 <= place < len(row.cells) else ""

        title = cell("title")
        if not title:
            raise ValueError("it has no title")
        isbn, issn, wrong = numbers(_several(cell("isbn")), _several(cell("issn")))
        copyable = cell("copyable")
        copy = Copy(
            library=cell("library"),
            location=cell("location"),
            call_number=cell("call_number"),
            barcode=cell("barcode")[:100],
            copies=_count(cell("copies")),
            available=_known(cell("available")),
            loanable=_known(cell("loanable")),
            copyable=_known(copyable),
        )
        url = cell("url", link=True) or cell("title", link=True)
        url = url if url.startswith(("http://", "https://")) else ""
        copies = () if copy == Copy() else (copy,)
        permitted = licence(copyable) if url and not copies else ""
        return (
            Record(
                title=title,
                author=cell("author"),
                isbn=isbn,
                issn=issn,
                edition=cell("edition"),
                year=year_in(cell("year")),
                url=url,
                number=cell("number")[:100],
                note=cell("note"),
                copies=copies,
                electronic=bool(url) and not copies,
                licence=permitted or "",
            ),
            wrong,
        )


def _plain(heading: str) -> str:
    return re.sub(r"[\s_\-]+", "", heading).casefold().rstrip(":：*")


def _shown(cell: str, *, link: bool) -> str:
    text = cell.strip()
    if not text.startswith("="):
        return text
    if plain := _FORMULA.match(text):
        return plain[1].replace('""', '"')
    if hyper := _LINK.match(text):
        return (hyper[1] if link else hyper[2] or hyper[1]).replace('""', '"')
    return text


def _several(text: str) -> list[str]:
    return [part for part in re.split(r"[;；,，/、|]+", text) if part.strip()]


def _known(text: str) -> bool | None:
    word = "".join(text.split()).casefold()
    return True if word in _YES else False if word in _NO else None


def _count(text: str) -> int | None:
    found = re.match(r"\d{1,4}", text)
    return int(found[0]) or None if found else None
