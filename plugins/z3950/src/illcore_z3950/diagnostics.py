"""Diagnostics of a target: the value, and what the codes of the Bib-1 set mean in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .diagnostic_texts import TEXTS
from .oids import BIB1_DIAGNOSTICS

# Wrong or unsupported attributes: the same term with fewer or more common ones may still be accepted.
_ATTRIBUTE_CODES = frozenset({3, 113, 114, 115, 116, 117, 118, 119, 120, 122, 123, 1024, 1056, 1073})
# The target cannot join operands so: one operand after the other may still be accepted.
_OPERATOR_CODES = frozenset({6, 110})
_SYNTAX_CODES = frozenset({106, 227, 238, 239, 1005, 1006, 1069, 1070})
_ELEMENT_SET_CODES = frozenset({24, 25, 26, 1066})
_TEMPORARY_CODES = frozenset({2, 28, 29, 31, 109, 1015, 1018, 1019, 1020, 1074})
_LOGIN_CODES = frozenset({101, 236, 1010, 1011, 1012, 1013, 1014, 1016, 1017, 1021, 1022, 1023})


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the target says went wrong: `code` is a number in the Bib-1 set, else text that names the set too."""

    code: int | str
    addinfo: str = ""
    message: str = ""

    def text(self, language: Literal["en", "zh"] = "en") -> str:
        """One line for a person: what the code means and what the target added."""
        known = TEXTS.get(self.code) if isinstance(self.code, int) else None
        if known is not None:
            line = known[0] if language == "en" else known[1]
        else:
            line = f"Diagnostic {self.code}" if language == "en" else f"诊断代码 {self.code}"
        details = "; ".join(part for part in (self.message, self.addinfo) if part)
        if not details:
            return line
        return f"{line}: {details}" if language == "en" else f"{line}：{details}"

    @property
    def asks_for_other_attributes(self) -> bool:
        """The same search with other attributes, or in single parts, is worth a try."""
        return self.code in _ATTRIBUTE_CODES or self.code in _OPERATOR_CODES

    @property
    def asks_for_other_syntax(self) -> bool:
        """The records may come in another record syntax."""
        return self.code in _SYNTAX_CODES

    @property
    def asks_for_other_element_set(self) -> bool:
        """The records may come under another element set name, or under none."""
        return self.code in _ELEMENT_SET_CODES

    @property
    def is_temporary(self) -> bool:
        """The same request may succeed later."""
        return self.code in _TEMPORARY_CODES

    @property
    def is_about_login(self) -> bool:
        """User name, password or rights are at fault: a matter of configuration."""
        return self.code in _LOGIN_CODES


def diagnostic(set_oid: str, condition: int, addinfo: str) -> Diagnostic:
    """A diagnostic of any set: the code of one that is not Bib-1 carries its set, `<oid>:<number>`."""
    return Diagnostic(condition if set_oid == BIB1_DIAGNOSTICS else f"{set_oid}:{condition}", addinfo)
