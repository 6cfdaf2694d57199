"""What an annotation cannot say about an element: `Annotated[type, Wire(...)]`."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Wire:
    """Remarks on one element; everything else follows from the field's name, type and default.

    name: the element, where it is not the field's name in camel case.
    exact: an identifier; characters that XML cannot carry are refused instead of left out.
    limit: how often version 1.2 allows an element that is a tuple here (0: any number).
    joined: how the texts of an element are put together that 1.2 allows once and peers repeat.
    also: names that the 2021 edition has for the same thing.
    only_2021: read from 2021 peers (and from 1.2 peers that add it), refused when 1.2 is written.
    often_missing: required, but real systems leave it out; a message may make sense without it.
    may_be_empty: required, but an empty element is right.
    lenient: codes outside the list are in use; they are no problem, only a warning.
    """

    name: str = ""
    exact: bool = False
    limit: int = 0
    joined: str = ""
    also: tuple[str, ...] = ()
    only_2021: bool = False
    often_missing: bool = False
    may_be_empty: bool = False
    lenient: bool = False


Identifier = Annotated[str, Wire(exact=True)]
