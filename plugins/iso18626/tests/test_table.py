"""The model against the schema itself: every element, in order, as often as the schema says."""

from pathlib import Path

import pytest
from lxml import etree

from illcore_iso18626 import codes
from illcore_iso18626.model import MESSAGES
from illcore_iso18626.table import Kind, Table, table_of

XS = "{http://www.w3.org/2001/XMLSchema}"
KINDS = {
    "xs:string": Kind.TEXT,
    "xs:dateTime": Kind.TIME,
    "xs:integer": Kind.INTEGER,
    "xs:decimal": Kind.DECIMAL,
    "xs:boolean": Kind.BOOLEAN,
    "type_schemeValuePair": Kind.PAIR,
    "type_agencyId": Kind.GROUP,
    "type_costs": Kind.GROUP,
}


@pytest.fixture(scope="module")
def xsd(standard: Path) -> etree._Element:
    return etree.parse(str(standard / "ISO-18626-v1_2.xsd")).getroot()


def _groups(table: Table, element: str) -> dict[str, Table]:
    found = {element: table}
    for row in table.rows:
        if row.table is not None:
            found |= _groups(row.table, row.element)
    return found


@pytest.mark.parametrize("message", MESSAGES)
def test_the_model_has_every_element_of_the_schema_in_its_order(xsd: etree._Element, message: str) -> None:
    for element, table in _groups(table_of(MESSAGES[message]), message).items():
        declared = xsd.find(f"{XS}element[@name='{element}']")
        typed = declared.get("type") if declared is not None else None
        if declared is None or typed:
            kind = typed or ("type_agencyId" if table.cls.__name__ == "AgencyId" else "type_costs")
            declared = xsd.find(f"{XS}complexType[@name='{kind}']")
        assert declared is not None, element
        wanted = []
        for each in declared.iter(f"{XS}element"):
            name = each.get("name") or each.get("ref")
            if name == element:
                continue
            parent = each.getparent()
            choice = parent is not None and parent.tag == f"{XS}choice"
            most = each.get("maxOccurs", "1")
            wanted.append((name, each.get("minOccurs") != "0" and not choice, 0 if most == "unbounded" else int(most)))
        assert [(row.element, row.required, row.limit) for row in table.rows if not row.wire.only_2021] == wanted


@pytest.mark.parametrize("message", MESSAGES)
def test_the_kinds_are_those_of_the_schema(xsd: etree._Element, message: str) -> None:
    for table in _groups(table_of(MESSAGES[message]), message).values():
        for row in table.rows:
            for each in xsd.iterfind(f".//{XS}element[@name='{row.element}'][@type]"):
                assert row.kind is KINDS.get(each.get("type", ""), Kind.CODE), row.element


@pytest.mark.parametrize(
    "code",
    [
        codes.Action,
        codes.ErrorType,
        codes.MessageStatus,
        codes.ReasonForMessage,
        codes.RequestSubType,
        codes.RequestType,
        codes.ServiceType,
        codes.Status,
        codes.YesNo,
    ],
)
def test_the_closed_lists_are_those_of_the_schema(xsd: etree._Element, code: type) -> None:
    name = code.__name__[0].lower() + code.__name__[1:]
    values = xsd.findall(f"{XS}simpleType[@name='type_{name}']/{XS}restriction/{XS}enumeration")
    assert codes.allowed(code) == {each.get("value") for each in values}
