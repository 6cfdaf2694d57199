"""Real messages of other systems (outside the project): all are read, and what is wrong in them is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from illcore_iso18626.codes import ErrorType
from illcore_iso18626.reader import read_message
from illcore_iso18626.writer import write_message

VALUE, FORM = ErrorType.UNRECOGNISED_DATA_VALUE, ErrorType.BADLY_FORMED_MESSAGE
ISO_MESSAGES = "service/src/integration-test/resources/isoMessages"
FRAGMENTS = "service/src/test/resources/ISO18626"

SAMPLES: dict[str, tuple[str, str, list[tuple[str, ErrorType, bool]]]] = {
    "okapi-scripts/iso18626_req_1.xml": ("Request", "1.0", []),
    "protocol_tests/case1_request.xml": ("Request", "1.0", []),
    f"{ISO_MESSAGES}/illmockrequest.xml": ("Request", "1.2", []),
    f"{ISO_MESSAGES}/patronRequest.xml": ("Request", "1.2", [("header/supplyingAgencyId", FORM, True)]),
    f"{ISO_MESSAGES}/patronRequestRetry.xml": (
        "Request",
        "1.2",
        [("header/requestingAgencyId/agencyIdValue", FORM, False), ("header/supplyingAgencyId", FORM, True)],
    ),
    f"{ISO_MESSAGES}/cancelResponseReplyNoTemplate.xml": (
        "SupplyingAgencyMessage",
        "1.2",
        [("header/timestamp", VALUE, False), ("deliveryInfo/dateSent", VALUE, False), ("statusInfo", FORM, True)],
    ),
    f"{ISO_MESSAGES}/statusChangeExpectToSupplyTemplate.xml": (
        "SupplyingAgencyMessage",
        "",
        [("header/timestamp", VALUE, False), ("statusInfo/lastChange", VALUE, False)],
    ),
    f"{ISO_MESSAGES}/statusChangeUnfilledTemplate.xml": (
        "SupplyingAgencyMessage",
        "",
        [("header/timestamp", VALUE, False), ("statusInfo/lastChange", VALUE, False)],
    ),
    f"{ISO_MESSAGES}/supplyingAgencyMessage_statusChange.xml": (
        "SupplyingAgencyMessage",
        "1.0",
        [("statusInfo/status", VALUE, False), ("statusInfo/lastChange", FORM, True)],
    ),
    f"{ISO_MESSAGES}/unfilledNotification.xml": (
        "SupplyingAgencyMessage",
        "1.0",
        [("header/timestamp", VALUE, False), ("statusInfo/lastChange", FORM, True)],
    ),
    f"{FRAGMENTS}/request.xml": ("Request", "", []),
    f"{FRAGMENTS}/requestConfirmation.xml": ("RequestConfirmation", "", []),
    f"{FRAGMENTS}/requestingAgencyMessage.xml": ("RequestingAgencyMessage", "", []),
    f"{FRAGMENTS}/requestingAgencyMessageConfirmation.xml": ("RequestingAgencyMessageConfirmation", "", []),
    f"{FRAGMENTS}/supplyingAgencyMessage.xml": ("SupplyingAgencyMessage", "", []),
    f"{FRAGMENTS}/supplyingAgencyMessageConfirmation.xml": ("SupplyingAgencyMessageConfirmation", "", []),
}
"""File → message, version, problems (path below the message, error type, forgivable). `_holder` values are theirs."""


def test_every_sample_is_listed_here(standard: Path) -> None:
    folder = standard / "samples" / "mod-rs"
    assert {str(path.relative_to(folder).as_posix()) for path in folder.rglob("*.xml")} == set(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_read_and_what_is_wrong_is_named(standard: Path, sample: str) -> None:
    message, version, problems = SAMPLES[sample]
    parsed = read_message((standard / "samples" / "mod-rs" / sample).read_bytes())
    assert type(parsed.message).__name__ == message
    assert parsed.version == version
    found = [(each.path.partition("/")[2], each.error_type, each.forgivable) for each in parsed.problems]
    assert found == problems


@pytest.mark.parametrize("sample", [name for name, (_, _, problems) in SAMPLES.items() if not problems])
def test_a_sample_without_problems_goes_out_as_valid_1_2(
    standard: Path, sample: str, assert_valid: Callable[[bytes], None]
) -> None:
    parsed = read_message((standard / "samples" / "mod-rs" / sample).read_bytes())
    written = write_message(parsed.message)
    assert_valid(written)
    assert read_message(written).message == parsed.message
