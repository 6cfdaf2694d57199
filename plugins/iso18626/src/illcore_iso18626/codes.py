"""The code lists of ISO 18626: closed ones as enums, open ones as sets with a spelling to normalise to."""

from enum import StrEnum
from functools import cache

AGENCY_ID_TYPE_SCHEME = "http://illtransactions.org/ISO18626/OpenCodeList/AgencyIdTypeList-V2.0"


class Action(StrEnum):
    """What a requesting agency's message asks or tells (`type_action`)."""

    STATUS_REQUEST = "StatusRequest"
    RECEIVED = "Received"
    CANCEL = "Cancel"
    RENEW = "Renew"
    SHIPPED_RETURN = "ShippedReturn"
    SHIPPED_FORWARD = "ShippedForward"
    NOTIFICATION = "Notification"
    HOLD_RETURN = "HoldReturn"
    LOST = "Lost"


class ErrorType(StrEnum):
    """Why a message was not accepted (`type_errorType`)."""

    UNSUPPORTED_ACTION_TYPE = "UnsupportedActionType"
    UNSUPPORTED_REASON_FOR_MESSAGE_TYPE = "UnsupportedReasonForMessageType"
    UNRECOGNISED_DATA_ELEMENT = "UnrecognisedDataElement"
    UNRECOGNISED_DATA_VALUE = "UnrecognisedDataValue"
    BADLY_FORMED_MESSAGE = "BadlyFormedMessage"


class MessageStatus(StrEnum):
    """Whether a message was accepted (`type_messageStatus`)."""

    OK = "OK"
    ERROR = "ERROR"


class ReasonForMessage(StrEnum):
    """Why a supplying agency sends a message (`type_reasonForMessage`)."""

    REQUEST_RESPONSE = "RequestResponse"
    STATUS_REQUEST_RESPONSE = "StatusRequestResponse"
    RENEW_RESPONSE = "RenewResponse"
    CANCEL_RESPONSE = "CancelResponse"
    STATUS_CHANGE = "StatusChange"
    NOTIFICATION = "Notification"


class RequestType(StrEnum):
    """New request, retry of an earlier one, or reminder (`type_requestType`)."""

    NEW = "New"
    RETRY = "Retry"
    REMINDER = "Reminder"


class RequestSubType(StrEnum):
    """Special kinds of request; up to three apply at once (`type_requestSubType`)."""

    BOOKING_REQUEST = "BookingRequest"
    MULTIPLE_ITEM_REQUEST = "MultipleItemRequest"
    PATRON_REQUEST = "PatronRequest"
    TRANSFER_REQUEST = "TransferRequest"
    SUPPLYING_LIBRARYS_CHOICE = "SupplyingLibrarysChoice"


class ServiceType(StrEnum):
    """Copy, loan or either (`type_serviceType`)."""

    COPY = "Copy"
    LOAN = "Loan"
    COPY_OR_LOAN = "CopyOrLoan"


class Status(StrEnum):
    """The supplier's status of a request (`type_status`)."""

    REQUEST_RECEIVED = "RequestReceived"
    EXPECT_TO_SUPPLY = "ExpectToSupply"
    WILL_SUPPLY = "WillSupply"
    LOANED = "Loaned"
    OVERDUE = "Overdue"
    RECALLED = "Recalled"
    RETRY_POSSIBLE = "RetryPossible"
    UNFILLED = "Unfilled"
    COPY_COMPLETED = "CopyCompleted"
    LOAN_COMPLETED = "LoanCompleted"
    COMPLETED_WITHOUT_RETURN = "CompletedWithoutReturn"
    CANCELLED = "Cancelled"
    HOLD_RETURN = "HoldReturn"
    RELEASE_HOLD_RETURN = "ReleaseHoldReturn"


class YesNo(StrEnum):
    """Y or N (`type_yesNo`)."""

    Y = "Y"
    N = "N"


ONLY_2021: dict[type[StrEnum], frozenset[str]] = {
    Action: frozenset({Action.HOLD_RETURN, Action.LOST}),
    Status: frozenset({Status.HOLD_RETURN, Status.RELEASE_HOLD_RETURN}),
}
"""Codes that only the 2021 edition knows: understood when read, refused when 1.2 is written."""

OTHER_SPELLINGS: dict[type[StrEnum], dict[str, StrEnum]] = {
    ErrorType: {
        "unrecognizeddataelement": ErrorType.UNRECOGNISED_DATA_ELEMENT,
        "unrecognizeddatavalue": ErrorType.UNRECOGNISED_DATA_VALUE,
    },
    Status: {"canceled": Status.CANCELLED},
    YesNo: {
        "yes": YesNo.Y,
        "true": YesNo.Y,
        "1": YesNo.Y,
        "no": YesNo.N,
        "false": YesNo.N,
        "0": YesNo.N,
        "anyedition": YesNo.Y,
        "thisedition": YesNo.N,
    },
}
"""Spellings in use that are not in the schema, case-folded. The last two are 2021's `preferredEdition`."""

UNKNOWN_IS: dict[type[StrEnum], ErrorType] = {
    Action: ErrorType.UNSUPPORTED_ACTION_TYPE,
    ReasonForMessage: ErrorType.UNSUPPORTED_REASON_FOR_MESSAGE_TYPE,
}
"""The error type that answers an unknown code; UnrecognisedDataValue for the lists not named here."""


@cache
def allowed(code: type[StrEnum]) -> frozenset[str]:
    """The values of a closed list that version 1.2 may carry."""
    return frozenset(code) - ONLY_2021.get(code, frozenset())


@cache
def spellings(code: type[StrEnum]) -> dict[str, StrEnum]:
    """Every understood spelling of a closed list: as listed, case-folded, and the ones of `OTHER_SPELLINGS`."""
    return {m.value: m for m in code} | {m.value.casefold(): m for m in code} | OTHER_SPELLINGS.get(code, {})


def _list(values: str) -> frozenset[str]:
    return frozenset(values.split())


_FORMATS = _list(
    "CassetteTape CD CD-ROM Daisy-ROM DVD EPUB EPUB2 EPUB3 JPEG LargePrint LP Microform MP3 Multimedia PaperCopy PDF"
    " Printed Tape TIFF UltraHD VHS"
)

OPEN_CODES: dict[str, frozenset[str]] = {
    "agencyIdType": _list("ISIL ICOLC DNUCNI"),
    "bibliographicItemIdentifierCode": _list("ISBN ISSN ISMN"),
    "bibliographicRecordIdentifierCode": _list("AMICUS BL FAUST JNB LA LCCN Medline NCID OCLC PID PMID TP"),
    "copyrightCompliance": _list(
        "AU-CopyRCatS183ComW AU-CopyRCatS183State AU-CopyrightActS49 AU-CopyrightActS50-1 AU-CopyrightActS50-7A"
        " AU-CopyrightActS50-7B AU-CopyrightCleared AU-GenBus NZ-CopyrightActS54 NZ-CopyrightActS55 Other"
        " UK-CopyRFeePaid UK-FairDealing US-CCG US-CCL"
    ),
    "currencyCode": _list(
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
        " CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL"
        " HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD"
        " MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG"
        " QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD"
        " TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
    ),
    "deliveredFormat": _FORMATS,
    "electronicAddressType": _list("Email FTP"),
    "loanCondition": _list(
        "LibraryUseOnly NoReproduction SignatureRequired SpecCollSupervReq WatchLibraryUseOnly Other"
    ),
    "paymentMethod": _list("BankTransfer CreditCard DebitCard EFTS IBS IIBS IFLAVoucher IFM LAPS Paypal"),
    "preferredFormat": _FORMATS,
    "publicationType": _list(
        "ArchiveMaterial Article AudioBook Book Chapter ConferenceProc Game GovernmentPubl Image Journal Manuscript"
        " Map Movie MusicRecording MusicScore Newspaper Patent Report SoundRecording Thesis"
    ),
    "reasonRetry": _list(
        "AtBindery CostExceedsMaxCost CourierNotSupp LoanCondition MultiVolAvail MustMeetLoanCondition"
        " NotCurrentAvailableForILL NotFoundAsCited OnLoan OnOrder ReqDelDateNotPossible ReqDelMethodNotSupp"
        " ReqEditionNotPossible ReqFormatNotPossible ReqPayMethodNotSupported ReqServLevelNotSupp"
        " ReqServTypeNotPossible"
    ),
    "reasonUnfilled": _list(
        "NonCirculating NotAvailableForILL NotHeld NotOnShelf PolicyProblem PoorCondition Duplicate"
    ),
    "sentVia": _list("ArticleExchange Courier Email FTP Mail Odyssey URL"),
    "serviceLevel": _list("Express Normal Rush SecondaryMail Standard Urgent"),
}
"""Known values of the open lists by element name; any other text is legal too.

`currencyCode` is ISO 4217. The others are what open systems use; the lists of the standard's annex (patronType,
billingMethod) are not public.
"""

_FOLDED = {element: {code.casefold(): code for code in values} for element, values in OPEN_CODES.items()}


def known_spellings(element: str) -> dict[str, str]:
    """Case-folded → canonical spelling of the open list of an element; empty where no list is known."""
    return _FOLDED.get(element, {})


def canonical(element: str, value: str) -> str:
    """The canonical spelling of an open code ("isil" → "ISIL"); a value that is not known comes back as it is."""
    return known_spellings(element).get(value.casefold(), value)
