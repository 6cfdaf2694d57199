"""What people read when they got a field wrong: the field, what to write instead, none of what they wrote."""

import pytest
from pydantic import ValidationError

from illcore.actions import details_of
from illcore.errors import Invalid
from illcore.intake.submission import new_request
from illcore.mistakes import sentence
from illcore.model import NewRequest, Role

GOOD = {"service_type": "loan", "citation": {"title": "红楼梦"}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"service_type": None}, "service_type: write 'loan', 'copy' or 'copy_or_loan'"),
        ({"citation": []}, "citation: write an object {…}"),
        ({"reader": "r1"}, "reader: write an object {…}"),
        ({"reader": {}}, "reader.id: is missing"),
        ({"reader": {"id": " "}}, "reader.id: is empty"),
        ({"foo": 1}, "foo: unknown field"),
        ({"needed_by": "soon"}, "needed_by: write a date as YYYY-MM-DD, such as 2027-03-01"),
        ({"needed_by": 0}, "needed_by: write a date as YYYY-MM-DD, such as 2027-03-01"),
        ({"needed_by": "2027-13-01"}, "needed_by: write a date as YYYY-MM-DD, such as 2027-03-01"),
        ({"needed_by": "2027-03-01T10:00:00"}, "needed_by: write a date as YYYY-MM-DD, such as 2027-03-01"),
        ({"max_cost": {"amount": "-5", "currency": "CNY"}}, "max_cost.amount: must be 0 or more"),
        ({"max_cost": {"amount": "much", "currency": "CNY"}}, "max_cost.amount: write a number, such as 12.50"),
        ({"max_cost": {"amount": "NaN", "currency": "CNY"}}, "max_cost.amount: write a number, such as 12.50"),
        ({"max_cost": {"amount": "5", "currency": "RMB¥"}}, "currency: write three capital letters, such as CNY"),
        ({"suppliers": "ISIL:SUP1"}, "suppliers: write a list […]"),
        ({"suppliers": ["SUP1"]}, "suppliers.0: write TYPE:VALUE, such as ISIL:CN-110001"),
        ({"citation": {"title": "\ud800"}}, "citation.title: it holds half a character"),
        ({"citation": {"title": "x" * 2001}}, "citation.title: is too long: at most 2000 characters"),
        ({"any_edition": "perhaps"}, "any_edition: write true or false"),
        ({"partner": "ISIL:P"}, "partner and requesting_agency_request_id belong to role supplier"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_write(given: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        new_request({**GOOD, **given})

    assert said in str(caught.value)
    assert "Input should" not in str(caught.value)
    assert all(field in str(caught.value) or field == "request" for field in caught.value.fields)


def test_every_wrong_field_is_named_and_no_value_repeated() -> None:
    with pytest.raises(ValidationError) as caught:
        NewRequest.model_validate({"reader": {"id": 7, "name": ["张三"]}})

    assert sentence(caught.value) == (
        "service_type: is missing; citation: is missing; reader.id: write a text; reader.name: write a text"
    )


def test_a_negative_cost_is_refused_as_such() -> None:
    with pytest.raises(Invalid, match=r"ship: cost\.amount: must be 0 or more"):
        details_of("ship", "supplier", {"cost": "-5 CNY"})


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "a.pdf", "https://x.org/a b.pdf"])
@pytest.mark.parametrize(
    ("action", "role", "given"),
    [("supply_document", "supplier", {}), ("ship", "supplier", {}), ("record", "requester", {"what": "supplied"})],
)
def test_a_link_that_nobody_could_or_should_open_is_refused(
    url: str, action: str, role: Role, given: dict[str, object]
) -> None:
    with pytest.raises(Invalid, match=f"{action}: url: write an address that begins with https://"):
        details_of(action, role, {**given, "url": url})
