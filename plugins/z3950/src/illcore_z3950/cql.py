"""CQL 1.2 → type-1 query, for targets that speak Z39.50 only (OASIS searchRetrieve part 5; Bib-1 attributes)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from typing import NoReturn

from .errors import QueryError
from .query import AccessPoints, isbn_forms, issn_forms
from .rpn import Attribute, Operation, Operator, Proximity, Query, Rpn, Term

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(==|<=|>=|<>|[()=<>/])|([^\s()=<>/"]+))', re.DOTALL)
_OPERATORS: dict[str, Operator] = {"and": "and", "or": "or", "not": "not", "prox": "prox"}
_SYMBOLS = frozenset({"=", "==", "<>", "<", ">", "<=", ">="})
_WORDS = frozenset({"any", "all", "exact", "adj", "scr", "within", "encloses"})
_ORDER = {"<": 1, "<=": 2, ">=": 4, ">": 5, "<>": 6}
_INDEXES = {
    "title": "title",
    "creator": "author",
    "author": "author",
    "isbn": "isbn",
    "issn": "issn",
    "serverchoice": "keyword",
    "anywhere": "keyword",
    "any": "keyword",
    "keywords": "keyword",
}
_USES = {
    "subject": 21,
    "publisher": 1018,
    "date": 31,
    "year": 31,
    "identifier": 1007,
    "resourceidentifier": 12,
    "id": 12,
    "language": 54,
    "series": 5,
    "notes": 63,
    "note": 63,
    "description": 62,
    "editor": 1020,
}
_MASKS = re.compile(r"(?<!\\)[*?]")
_MAX_NESTING = 50


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    position: int
    quoted: bool = False


def cql_to_rpn(text: str, points: AccessPoints) -> Query:
    """The query with the first attributes of each access point. Raises QueryError that says what and where."""
    reader = _Reader(text, points)
    rpn = reader.query(0)
    reader.must_be_at_end()
    return Query(rpn)


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, points: AccessPoints) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._points = points

    def query(self, depth: int) -> Rpn:
        if depth > _MAX_NESTING:
            self._wrong("parentheses are nested too deep", "括号嵌套过深")
        left = self._clause(depth)
        while (operator := _OPERATORS.get(self._word())) is not None:
            self._place += 1
            proximity = None
            if operator == "prox":
                proximity = self._proximity()
            else:
                self._skip_modifiers()
            left = Operation(operator, left, self._clause(depth), proximity)
        return left

    def must_be_at_end(self) -> None:
        if self._word() == "sortby":
            return
        if self._place < len(self._tokens):
            self._wrong(
                f"'{self._tokens[self._place].text}' was not expected", f"多余的“{self._tokens[self._place].text}”"
            )

    def _clause(self, depth: int) -> Rpn:
        if self._symbol() == "(":
            self._place += 1
            inner = self.query(depth + 1)
            if self._symbol() != ")":
                self._wrong("a closing parenthesis is missing", "缺少右括号")
            self._place += 1
            return inner
        first = self._text()
        relation = self._symbol() if self._symbol() in _SYMBOLS else self._word() if self._word() in _WORDS else ""
        if not relation:
            return self._terms("serverchoice", "=", first)
        self._place += 1
        self._skip_modifiers()
        return self._terms(first.text.rpartition(".")[2].lower(), relation, self._text())

    def _terms(self, index: str, relation: str, token: _Token) -> Rpn:
        text = token.text
        if relation in ("within", "encloses"):
            self._wrong(f"the relation {relation} has no counterpart in Z39.50", f"Z39.50 没有对应的关系 {relation}")
        if relation in ("any", "all") and len(words := text.split()) > 1:
            operator: Operator = "or" if relation == "any" else "and"
            each = [self._terms(index, "=", _Token(word, token.position)) for word in words]
            return reduce(lambda left, right: Operation(operator, left, right), each)
        if index in ("isbn", "issn") and relation in ("=", "==", "exact", "scr") and not _MASKS.search(text):
            forms = isbn_forms(text) if index == "isbn" else issn_forms(text)
            terms: list[Rpn] = [Term(form, self._attributes(index, "")) for form in forms]
            return reduce(lambda left, right: Operation("or", left, right), terms)
        text, attributes = self._masked(text, self._attributes(index, relation))
        return Term(text, attributes)

    def _attributes(self, index: str, relation: str) -> tuple[Attribute, ...]:
        name = _INDEXES.get(index)
        if name is not None:
            attributes: tuple[Attribute, ...] = getattr(self._points, name)[0]
        elif index in _USES:
            attributes = (Attribute(1, _USES[index]),)
        else:
            known = ", ".join(sorted([*_INDEXES, *_USES]))
            self._wrong(f"the index {index} is not known (known: {known})", f"未知的检索点 {index}")
        if relation in ("exact", "=="):
            attributes = (*_without(attributes, 4), Attribute(4, 1), Attribute(6, 3))
        elif relation == "adj":
            attributes = (*_without(attributes, 4), Attribute(4, 1))
        elif relation in _ORDER:
            attributes = (*attributes, Attribute(2, _ORDER[relation]))
        return attributes

    def _masked(self, text: str, attributes: tuple[Attribute, ...]) -> tuple[str, tuple[Attribute, ...]]:
        if text.startswith("^"):
            text, attributes = text[1:], (*attributes, Attribute(3, 1))
        left, right = text.startswith("*"), text.endswith("*") and not text.endswith("\\*")
        text = text[left : len(text) - right] if len(text) > 1 else text
        if _MASKS.search(text):
            self._wrong(
                "* may stand at the ends of a word only, and ? nowhere", "通配符 * 只能位于词首或词尾，不支持 ?"
            )
        if left or right:
            truncation = 3 if left and right else 2 if left else 1
            # A truncated word is a word: a list of words is another structure.
            attributes = (*_without(attributes, 4), Attribute(5, truncation))
        return re.sub(r"\\(.)", r"\1", text), attributes

    def _proximity(self) -> Proximity:
        distance, relation, ordered = 1, 2, False
        while self._symbol() == "/":
            self._place += 1
            name = self._text().text.lower()
            if name in ("ordered", "unordered"):
                ordered = name == "ordered"
            elif name == "distance" and self._symbol() in _SYMBOLS:
                sign = self._symbol()
                self._place += 1
                number = self._text().text
                if not number.isdigit():
                    self._wrong("a distance is a number", "距离应为数字")
                distance, relation = int(number), {"<": 1, "<=": 2, "=": 3, ">=": 4, ">": 5, "<>": 6}.get(sign, 3)
            elif name == "unit" and self._symbol() in _SYMBOLS:
                self._place += 1
                if self._text().text.lower() != "word":
                    self._wrong("the only unit of nearness is word", "邻近单位只支持 word")
        return Proximity(False, distance, ordered, relation, 2)

    def _skip_modifiers(self) -> None:
        while self._symbol() == "/":
            self._place += 1
            self._text()
            if self._symbol() in _SYMBOLS:
                self._place += 1
                self._text()

    def _text(self) -> _Token:
        if self._place >= len(self._tokens) or self._symbol():
            self._wrong("a search term is missing", "缺少检索词")
        self._place += 1
        return self._tokens[self._place - 1]

    def _symbol(self) -> str:
        token = self._tokens[self._place] if self._place < len(self._tokens) else _Token("", 0, quoted=True)
        return "" if token.quoted or token.text not in _SYMBOLS | {"(", ")", "/"} else token.text

    def _word(self) -> str:
        token = self._tokens[self._place] if self._place < len(self._tokens) else _Token("", 0, quoted=True)
        return "" if token.quoted else token.text.lower()

    def _wrong(self, en: str, zh: str) -> NoReturn:
        position = self._tokens[min(self._place, len(self._tokens) - 1)].position if self._tokens else 1
        raise QueryError(
            f"The CQL query is wrong at character {position}: {en}.", f"CQL 检索式第 {position} 个字符：{zh}。"
        )


def _without(attributes: tuple[Attribute, ...], kind: int) -> tuple[Attribute, ...]:
    return tuple(attribute for attribute in attributes if attribute.type != kind)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise QueryError(
                f"The CQL query is wrong at character {place + 1}: a quotation mark is not closed.",
                f"CQL 检索式第 {place + 1} 个字符：引号没有闭合。",
            )
        quoted, symbol, word = match.groups()
        begin = match.start(match.lastindex or 0) + 1
        found.append(_Token(quoted[1:-1], begin, quoted=True) if quoted is not None else _Token(symbol or word, begin))
        place = match.end()
    return found
