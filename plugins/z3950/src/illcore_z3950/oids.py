"""Object identifiers of Z39.50 by name, and the names people write in configuration (Z39.50-2003, appendix OID)."""

from __future__ import annotations

Z3950 = "1.2.840.10003"

BIB1 = f"{Z3950}.3.1"
ATTRIBUTE_SETS = {
    "bib-1": BIB1,
    "exp-1": f"{Z3950}.3.2",
    "ext-1": f"{Z3950}.3.3",
    "ccl-1": f"{Z3950}.3.4",
    "gils": f"{Z3950}.3.5",
    "stas": f"{Z3950}.3.6",
    "util": f"{Z3950}.3.11",
    "xd-1": f"{Z3950}.3.12",
    "bib-2": f"{Z3950}.3.18",
    "idxpath": f"{Z3950}.3.1000.81.2",
}

BIB1_DIAGNOSTICS = f"{Z3950}.4.1"
DIAG1 = f"{Z3950}.4.2"

UNIMARC = f"{Z3950}.5.1"
USMARC = f"{Z3950}.5.10"
EXPLAIN = f"{Z3950}.5.100"
SUTRS = f"{Z3950}.5.101"
OPAC = f"{Z3950}.5.102"
GRS1 = f"{Z3950}.5.105"
TASK_PACKAGE = f"{Z3950}.5.106"
XML = f"{Z3950}.5.109.10"
RECORD_SYNTAXES = {
    "unimarc": UNIMARC,
    "intermarc": f"{Z3950}.5.2",
    "usmarc": USMARC,
    "ukmarc": f"{Z3950}.5.11",
    "normarc": f"{Z3950}.5.12",
    "danmarc": f"{Z3950}.5.14",
    "finmarc": f"{Z3950}.5.15",
    "mab": f"{Z3950}.5.16",
    "canmarc": f"{Z3950}.5.17",
    "picamarc": f"{Z3950}.5.19",
    "ibermarc": f"{Z3950}.5.21",
    "jpmarc": f"{Z3950}.5.24",
    "swemarc": f"{Z3950}.5.25",
    "rusmarc": f"{Z3950}.5.28",
    "explain": EXPLAIN,
    "sutrs": SUTRS,
    "opac": OPAC,
    "grs-1": GRS1,
    "extended": TASK_PACKAGE,
    "xml": XML,
    "html": f"{Z3950}.5.109.3",
}
# CNMARC has no identifier of its own: Chinese servers send it as UNIMARC.
_SYNTAX_ALIASES = {"marc21": USMARC, "cnmarc": UNIMARC, "text-xml": XML, "marcxml": XML, "grs1": GRS1}

ITEM_ORDER = f"{Z3950}.9.4"
USER_INFO_1 = f"{Z3950}.10.3"
CHARSET_NEGOTIATION = f"{Z3950}.15.3"
CHARSET_NAME = f"{Z3950}.15.1000.81.1"
ILL_APDU = "1.0.10161.2.1"
UCS2, UCS4, UTF16, UTF8 = (f"1.0.10646.1.0.{form}" for form in (2, 4, 5, 8))

_SYNTAX_NAMES = {dotted: name for name, dotted in RECORD_SYNTAXES.items()}
_SET_NAMES = {dotted: name for name, dotted in ATTRIBUTE_SETS.items()}


def _is_dotted(name: str) -> bool:
    arcs = name.split(".")
    return len(arcs) > 1 and all(arc.isascii() and arc.isdigit() for arc in arcs)


def record_syntax(name: str) -> str:
    """The identifier of a record syntax from its name or dotted form. Raises ValueError if it is unknown."""
    key = name.strip().lower()
    if _is_dotted(key):
        return key
    found = RECORD_SYNTAXES.get(key) or _SYNTAX_ALIASES.get(key)
    if found is None:
        known = ", ".join(sorted([*RECORD_SYNTAXES, *_SYNTAX_ALIASES]))
        raise ValueError(f"record syntax '{name}' is not known; use one of {known}, or an object identifier")
    return found


def record_syntax_name(dotted: str) -> str:
    """The name of a record syntax, or the dotted form if it has none here."""
    return _SYNTAX_NAMES.get(dotted, dotted)


def attribute_set(name: str) -> str:
    """The identifier of an attribute set from its name or dotted form. Raises ValueError if it is unknown."""
    key = name.strip().lower()
    if _is_dotted(key):
        return key
    found = ATTRIBUTE_SETS.get(key)
    if found is None:
        known = ", ".join(sorted(ATTRIBUTE_SETS))
        raise ValueError(f"attribute set '{name}' is not known; use one of {known}, or an object identifier")
    return found


def attribute_set_name(dotted: str) -> str:
    """The name of an attribute set, or the dotted form if it has none here."""
    return _SET_NAMES.get(dotted, dotted)
