"""PQF, the prefix notation of YAZ for type-1 queries: text to `Query` and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, get_args

from .errors import QueryError
from .oids import BIB1, attribute_set, attribute_set_name
from .rpn import Attribute, Operation, Operator, Proximity, Query, Rpn, SetRef, Term, TermKind

_BLANK = " \t\r\n"
_QUOTES = {'"': '"', "{": "}"}
_OPERATORS: dict[str, Operator] = {"@and": "and", "@or": "or", "@not": "not", "@prox": "prox"}
_WORDS = (*_OPERATORS, "@attr", "@attrset", "@set", "@term")
_KINDS: tuple[TermKind, ...] = get_args(TermKind)
_MAX_NESTING = 50
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


class PqfError(QueryError):
    """The text is not PQF; `position` is where, counted in characters from 1."""

    def __init__(self, en: str, zh: str, position: int) -> None:
        super().__init__(f"{en} (PQF, position {position})", f"{zh}（PQF，第 {position} 个字符）")
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    position: int
    quoted: bool


def parse_pqf(text: str) -> Query:
    """Parses a query such as `@and @attr 1=4 "three body" @attr 1=1003 liu`. Raises PqfError."""
    reader = _Reader(text)
    own_set = BIB1
    if reader.next_is("@attrset"):
        reader.take("@attrset")
        own_set = reader.attribute_set()
    rpn = reader.structure((), "general", 0)
    reader.must_be_at_end()
    return Query(rpn, own_set)


class _Reader:
    """Reads tokens from left to right; PQF needs no look-ahead beyond one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._index = 0

    def _peek(self) -> _Token | None:
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    def next_is(self, word: str) -> bool:
        token = self._peek()
        return token is not None and not token.quoted and token.text == word

    def take(self, en: str, zh: str = "") -> _Token:
        token = self._peek()
        if token is None:
            self._fail(f"the query ends where {en} should follow", f"此处缺少{zh or en}", len(self._text) + 1)
        self._index += 1
        return token

    def must_be_at_end(self) -> None:
        token = self._peek()
        if token is not None:
            self._fail(
                f"'{token.text}' is left over: join terms with @and, or put a phrase in quotes",
                f"多余的“{token.text}”：请用 @and 连接检索词，或给短语加引号",
                token.position,
            )

    def _fail(self, en: str, zh: str, position: int) -> NoReturn:
        raise PqfError(en, zh, position)

    def structure(self, attributes: tuple[Attribute, ...], kind: TermKind, nesting: int) -> Rpn:
        while True:
            token = self.take("a term", "检索词")
            word = token.text
            if token.quoted or not word.startswith("@"):
                return Term(_unescape(token), attributes, kind)
            if word == "@attr":
                attributes = self._with_attribute(attributes)
            elif word == "@term":
                kind = self._term_kind()
            elif word == "@set":
                return SetRef(_unescape(self.take("the name of a result set", "结果集名称")))
            elif word in _OPERATORS:
                if nesting == _MAX_NESTING:
                    self._fail(
                        f"operators are nested deeper than {_MAX_NESTING}",
                        f"运算符嵌套超过 {_MAX_NESTING} 层",
                        token.position,
                    )
                operator = _OPERATORS[word]
                proximity = self._proximity() if operator == "prox" else None
                left = self.structure(attributes, kind, nesting + 1)
                right = self.structure(attributes, kind, nesting + 1)
                return Operation(operator, left, right, proximity)
            else:
                self._fail(
                    f"'{word}' is not an operator: use {' '.join(_WORDS)}, or quote it to search for it",
                    f"“{word}”不是运算符：可用 {' '.join(_WORDS)}，若要检索它本身请加引号",
                    token.position,
                )

    def attribute_set(self) -> str:
        token = self.take("the name of an attribute set", "属性集名称")
        try:
            return attribute_set(token.text)
        except ValueError as error:
            self._fail(str(error), f"未知的属性集“{token.text}”", token.position)

    def _with_attribute(self, outer: tuple[Attribute, ...]) -> tuple[Attribute, ...]:
        own_set = None
        token = self._peek()
        if token is not None and "=" not in token.text:
            own_set = self.attribute_set()
        token = self.take("an attribute such as 1=4", "属性（例如 1=4）")
        kind, equals, value = token.text.partition("=")
        if not equals or not _is_number(kind) or not value:
            self._fail(
                f"'{token.text}' is not an attribute: write type=value, for example 1=4",
                f"“{token.text}”不是属性：请写成 类型=值，例如 1=4",
                token.position,
            )
        attribute = Attribute(int(kind), int(value) if _is_number(value) else value, own_set)
        # The innermost attribute of a type counts, so that outer ones serve as defaults.
        kept = tuple(a for a in outer if (a.set, a.type) != (own_set, attribute.type))
        return (*kept, attribute)

    def _term_kind(self) -> TermKind:
        token = self.take("a term type", "检索词类型")
        for kind in _KINDS:
            if token.text == kind:
                return kind
        self._fail(
            f"'{token.text}' is not a term type: use one of {', '.join(_KINDS)}",
            f"“{token.text}”不是检索词类型：可用 {'、'.join(_KINDS)}",
            token.position,
        )

    def _proximity(self) -> Proximity:
        exclusion = self._choice("exclusion", "排除标志", {"0": False, "1": True, "void": None})
        distance = self._number("the distance", "距离")
        ordered = self._choice("ordered", "顺序标志", {"0": False, "1": True})
        relation = self._number("the relation", "关系")
        private = self._choice("which-code", "单位类别", {"known": False, "k": False, "private": True, "p": True})
        return Proximity(exclusion, distance, bool(ordered), relation, self._number("the unit", "单位"), bool(private))

    def _number(self, en: str, zh: str) -> int:
        token = self.take(en, zh)
        if not _is_number(token.text):
            self._fail(f"'{token.text}' is not a number for {en}", f"{zh}“{token.text}”不是数字", token.position)
        return int(token.text)

    def _choice(self, en: str, zh: str, choices: dict[str, bool | None]) -> bool | None:
        token = self.take(en, zh)
        if token.text not in choices:
            self._fail(
                f"'{token.text}' is not a value for {en}: use {' or '.join(choices)}",
                f"“{token.text}”不是{zh}的取值：可用 {'、'.join(choices)}",
                token.position,
            )
        return choices[token.text]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    index = 0
    while index < len(text):
        if text[index] in _BLANK:
            index += 1
            continue
        start = index
        closing = _QUOTES.get(text[index])
        if closing:
            index += 1
        begin = index
        while index < len(text) and (text[index] != closing if closing else text[index] not in _BLANK):
            index += 2 if text[index] == "\\" and index + 1 < len(text) else 1
        if closing and index >= len(text):
            raise PqfError(f"the quote {text[start]} is not closed", f"引号 {text[start]} 没有闭合", start + 1)
        tokens.append(_Token(text[begin:index], start + 1, bool(closing)))
        index += 1
    return tokens


def _unescape(token: _Token) -> str:
    """Backslash escapes: n t r f, x and two hexadecimal digits, three octal digits; else the character itself."""
    text = token.text
    if "\\" not in text:
        return text
    octets = bytearray()
    index = 0
    while index < len(text):
        char = text[index]
        index += 1
        if char != "\\" or index == len(text):
            octets += char.encode("utf-8", "surrogateescape")
            continue
        escape = text[index]
        index += 1
        digits, base = (text[index : index + 2], 16) if escape == "x" else (text[index - 1 : index + 2], 8)
        if escape in _ESCAPES:
            octets += _ESCAPES[escape].encode()
        elif (escape == "x" or escape in "0123") and _is_octet(digits, base):
            octets.append(int(digits, base))
            index += 2
        else:
            octets += escape.encode("utf-8", "surrogateescape")
    return octets.decode("utf-8", "surrogateescape")


def _is_octet(digits: str, base: int) -> bool:
    allowed = "0123456789abcdefABCDEF" if base == 16 else "01234567"
    return len(digits) == (2 if base == 16 else 3) and all(digit in allowed for digit in digits)


def to_pqf(query: Query) -> str:
    """The query in PQF; `parse_pqf` of it gives the same query."""
    text = _format(query.rpn)
    return text if query.attribute_set == BIB1 else f"@attrset {attribute_set_name(query.attribute_set)} {text}"


def _format(rpn: Rpn) -> str:
    if isinstance(rpn, SetRef):
        return f"@set {_quote(rpn.name)}"
    if isinstance(rpn, Operation):
        operator = f"@{rpn.operator}"
        if rpn.proximity is not None:
            p = rpn.proximity
            exclusion = "void" if p.exclusion is None else int(p.exclusion)
            unit = "private" if p.private else "known"
            operator += f" {exclusion} {p.distance} {int(p.ordered)} {p.relation} {unit} {p.unit}"
        return f"{operator} {_format(rpn.left)} {_format(rpn.right)}"
    parts = [f"@attr {attribute_set_name(a.set) + ' ' if a.set else ''}{a.type}={a.value}" for a in rpn.attributes]
    if rpn.kind != "general":
        parts.append(f"@term {rpn.kind}")
    return " ".join([*parts, _quote(rpn.text)])


def _quote(text: str) -> str:
    if text and not any(char in _BLANK or char in '"{}\\@' for char in text) and text.isprintable():
        return text
    escaped = "".join(
        f"\\x{ord(char) - 0xDC00:02x}" if 0xDC80 <= ord(char) <= 0xDCFF else "\\" + char if char in '"\\' else char
        for char in text
    )
    return f'"{escaped}"'
