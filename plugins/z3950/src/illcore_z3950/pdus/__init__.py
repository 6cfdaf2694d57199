"""The APDUs of Z39.50 as values: every request has `node()`, every response is read by `read_response`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..ber import CONTEXT, Content, Malformed, Node, ctx
from .close import Close, close
from .delete import DeleteRequest, DeleteResponse, delete_response
from .external import External
from .init import (
    AnonymousLogin,
    IdPassLogin,
    InitRequest,
    InitResponse,
    Login,
    OpenLogin,
    Option,
    init_response,
)
from .item_order import Contact, ExtendedServicesResponse, ItemOrderRequest, extended_services_response
from .opac import Circulation, Holding, OpacRecord, Volume
from .present import PresentRequest, PresentResponse, Segment, present_response, segment
from .records import Record, Records
from .scan import ScanEntry, ScanRequest, ScanResponse, scan_response
from .search import SearchRequest, SearchResponse, search_response
from .sort import SortKey, SortRequest, SortResponse, sort_response

__all__ = [
    "AnonymousLogin",
    "Circulation",
    "Close",
    "Contact",
    "DeleteRequest",
    "DeleteResponse",
    "ExtendedServicesResponse",
    "External",
    "Holding",
    "IdPassLogin",
    "InitRequest",
    "InitResponse",
    "ItemOrderRequest",
    "Login",
    "OpacRecord",
    "OpenLogin",
    "Option",
    "PresentRequest",
    "PresentResponse",
    "Record",
    "Records",
    "Request",
    "Response",
    "ScanEntry",
    "ScanRequest",
    "ScanResponse",
    "SearchRequest",
    "SearchResponse",
    "Segment",
    "SortKey",
    "SortRequest",
    "SortResponse",
    "Volume",
    "read_response",
]

Request: TypeAlias = (
    InitRequest | SearchRequest | PresentRequest | DeleteRequest | ScanRequest | SortRequest | ItemOrderRequest | Close
)
Response: TypeAlias = (
    InitResponse
    | SearchResponse
    | PresentResponse
    | DeleteResponse
    | ScanResponse
    | SortResponse
    | Segment
    | ExtendedServicesResponse
    | Close
)

_READERS: dict[int, Callable[[Content, str], Response]] = {
    ctx(21): init_response,
    ctx(23): search_response,
    ctx(25): present_response,
    ctx(27): delete_response,
    ctx(36): scan_response,
    ctx(44): sort_response,
    ctx(45): segment,
    ctx(47): extended_services_response,
    ctx(48): close,
}


def read_response(node: Node, charset: str = "utf-8") -> Response:
    """The response in a decoded APDU; strings that are not UTF-8 are read in `charset`.

    Raises `Malformed` if a field is missing or of the wrong type, or if the APDU is not one a target sends to us.
    """
    reader = _READERS.get(node[0])
    if reader is None:
        raise Malformed(f"APDU [{node[0] & ~CONTEXT}] is not one that a target sends here")
    return reader(node[1], charset)
