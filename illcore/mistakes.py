"""What is wrong with what somebody gave, in words: one sentence from a failed check, a part for each wrong field."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from illcore.model import CURRENCY, SYMBOL

_PATTERNS = {
    SYMBOL: "write TYPE:VALUE, such as ISIL:CN-110001",
    CURRENCY: "write three capital letters, such as CNY",
}
_DATE = "write a date as YYYY-MM-DD, such as 2027-03-01"
_TIME = "write a time such as 08:30"
_MOMENT = "write date and time such as 2027-03-01T08:30:00Z"
_LIST = "write a list […]"
_OBJECT = "write an object {…}"
_WHOLE = "write a whole number"
_NUMBER = "write a number, such as 12.50"
_TRUTH = "write true or false"

_SAID: dict[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "unknown field",
    "none_required": "leave it out or write null",
    "string_type": "write a text",
    "string_unicode": "it holds half a character, which no text can; write it again",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "the number is too large",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
}
_BEGINNINGS = (("datetime_", _MOMENT), ("timezone_", _MOMENT), ("date_", _DATE), ("time_", _TIME))
_WITH: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_too_long": lambda limits: f"is too long: at most {limits['max_length']} characters",
    "string_too_short": lambda limits: (
        "is empty" if limits["min_length"] == 1 else f"is too short: at least {limits['min_length']} characters"
    ),
    "too_long": lambda limits: f"has too many entries: at most {limits['max_length']}",
    "too_short": lambda limits: f"has too few entries: at least {limits['min_length']}",
    "literal_error": lambda limits: f"write {limits['expected']}",
    "greater_than": lambda limits: f"must be more than {limits['gt']}",
    "greater_than_equal": lambda limits: f"must be {limits['ge']} or more",
    "less_than": lambda limits: f"must be less than {limits['lt']}",
    "less_than_equal": lambda limits: f"must be {limits['le']} or less",
    "decimal_max_digits": lambda limits: f"has too many digits: at most {limits['max_digits']}",
    "decimal_max_places": lambda limits: f"has too many decimals: at most {limits['decimal_places']}",
    "decimal_whole_digits": lambda limits: f"is too large: at most {limits['whole_digits']} digits before the point",
    "string_pattern_mismatch": lambda limits: _PATTERNS.get(limits["pattern"], f"does not match {limits['pattern']}"),
}


def sentence(error: ValidationError) -> str:
    """All that is wrong as one sentence that names each wrong field; what was given is not repeated."""
    return "; ".join(f"{where}: {what}" if where else what for where, what in _parts(error))


def by_field(error: ValidationError, whole: str) -> dict[str, str]:
    """The same by field, dotted; ``whole`` is the key of what is wrong with several fields together."""
    return {where or whole: what for where, what in _parts(error)}


def in_words(problem: Mapping[str, Any]) -> str:
    """One entry of ``ValidationError.errors()`` in words for a person."""
    kind = problem["type"]
    if kind in _SAID:
        return _SAID[kind]
    if kind in _WITH:
        return _WITH[kind](problem.get("ctx", {}))
    for beginning, said in _BEGINNINGS:
        if kind.startswith(beginning):
            return said
    return str(problem["msg"]).removeprefix("Value error, ")


def _parts(error: ValidationError) -> list[tuple[str, str]]:
    found = []
    for problem in error.errors(include_url=False, include_input=False):
        steps = (str(step) for step in problem["loc"] if not str(step).startswith(("function-", "tagged-")))
        found.append((".".join(steps), in_words(problem)))
    return found
