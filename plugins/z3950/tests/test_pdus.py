"""APDUs: fields of every response, and answers that break the rules of the standard without breaking us."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_z3950 import oids
from illcore_z3950 import values as v
from illcore_z3950.ber import EXTERNAL, SEQUENCE, Malformed, ctx
from illcore_z3950.diagnostic_texts import TEXTS
from illcore_z3950.diagnostics import Diagnostic
from illcore_z3950.pdus import (
    Close,
    ExtendedServicesResponse,
    External,
    IdPassLogin,
    InitRequest,
    ItemOrderRequest,
    OpenLogin,
    Option,
    Response,
    read_response,
)
from illcore_z3950.pdus.diagrec import diagnostics_from
from illcore_z3950.pdus.external import externals_in
from illcore_z3950.testing import answers

keys = st.sampled_from([1, 2, 5, 6, 8, 16, 27, *map(ctx, (0, 1, 2, 3, 4, 7, 12, 22, 23, 27, 28, 130, 205))])
contents = st.recursive(
    st.binary(max_size=12), lambda inner: st.lists(st.tuples(keys, inner), max_size=6), max_leaves=25
)


@given(st.sampled_from([21, 23, 25, 27, 36, 44, 45, 47, 48, 28, 99]), contents)
def test_any_response_is_read_or_refused_as_malformed(tag, content):
    try:
        response = read_response((ctx(tag), content))
    except Malformed:
        return
    assert isinstance(response, get_args(Response))


def test_a_response_that_is_none_is_named():
    with pytest.raises(Malformed, match=r"APDU \[28\] is not one that a target sends here"):
        read_response((ctx(28), []))


def test_init_offers_login_and_charset():
    fields = v.fields(InitRequest(login=IdPassLogin("ill", "secret", "g"), charset="utf-8").node()[1])
    assert v.the_only(fields[ctx(7)]) == (SEQUENCE, [(ctx(0), b"g"), (ctx(1), b"ill"), (ctx(2), b"secret")])
    assert Option.NEGOTIATION in v.to_bits(fields[ctx(4)])
    assert [item.oid for item in externals_in(fields[ctx(201)])] == [oids.CHARSET_NEGOTIATION]
    fields = v.fields(InitRequest(login=OpenLogin("ill/secret")).node()[1])
    assert v.the_only(fields[ctx(7)]) == (26, b"ill/secret")
    assert ctx(201) not in fields


def test_passwords_do_not_show_in_logs():
    assert "secret" not in repr(InitRequest(login=IdPassLogin("ill", "secret")))
    assert "secret" not in repr(OpenLogin("ill/secret"))


def test_init_refused_with_several_diagnostics():
    response = read_response(answers.init_answer(accepted=False, diagnoses=[(1011, "ill"), (1020, "")]))
    assert not response.accepted
    assert response.diagnostics == (Diagnostic(1011, "ill"), Diagnostic(1020))


def test_a_charset_chosen_by_name():
    assert read_response(answers.init_answer(charset="gb2312")).charset == "gb2312"
    with pytest.raises(ValueError, match="'nosuch' is not a known character set"):
        read_response(answers.init_answer(charset="nosuch"))


def test_opac_record_with_unknown_availability():
    holding = [
        v.string(ctx(8), "CN-110001"),
        v.string(ctx(9), "总馆"),
        v.string(ctx(11), "I247.5/1234"),
        (ctx(18), [(SEQUENCE, [v.string(ctx(3), "v.1")])]),
        (ctx(19), [answers.circulation(available=a, item=i) for a, i in ((True, "1"), (False, "2"), (None, "3"))]),
    ]
    value = answers.opac_value(b"MARC", [holding])
    response = read_response(answers.present_answer([answers.structured_record(value, syntax=oids.OPAC)]))
    record = response.records.records[0]
    assert (record.data, record.data_syntax, record.syntax) == (b"MARC", oids.USMARC, oids.OPAC)
    held = record.opac.holdings[0]
    assert (held.nuc_code, held.local_location, held.call_number) == ("CN-110001", "总馆", "I247.5/1234")
    assert held.volumes[0].enum_and_chron == "v.1"
    assert [(c.item_id, c.available_now) for c in held.circulation] == [("1", True), ("2", False), ("3", None)]


def test_opac_texts_in_the_charset_of_the_target():
    value = answers.opac_value(b"", [[(ctx(9), "总馆".encode("gbk"))]])
    node = answers.present_answer([answers.structured_record(value, syntax=oids.OPAC)])
    assert read_response(node, "gb18030").records.records[0].opac.holdings[0].local_location == "总馆"


def test_records_of_several_kinds_in_one_response():
    response = read_response(
        answers.present_answer(
            [
                answers.record(b"marc"),
                answers.surrogate(238, "marc21"),
                answers.structured_record((27, b"text"), syntax=oids.SUTRS, database=""),
                answers.structured_record((SEQUENCE, [(ctx(1), b"x")]), syntax=oids.GRS1),
            ]
        )
    )
    marc, missing, text, grs = response.records.records
    assert (marc.database, marc.syntax, marc.data) == ("main", oids.USMARC, b"marc")
    assert missing.diagnostics == (Diagnostic(238, "marc21"),)
    assert text.data == b"text"
    assert grs.tree == (SEQUENCE, [(ctx(1), b"x")])


def test_the_database_is_carried_on_where_a_target_names_it_once():
    response = read_response(answers.present_answer([answers.record(b"1"), answers.record(b"2", database="")]))
    assert [r.database for r in response.records.records] == ["main", "main"]


def test_hit_counts_beyond_31_bits():
    assert read_response(answers.search_answer(3_000_000_000)).hits == 3_000_000_000


def test_one_and_several_diagnostics_instead_of_records():
    one = read_response(answers.search_answer(0, succeeded=False, diagnoses=[(114, "1=9")]))
    assert one.records.diagnostics == (Diagnostic(114, "1=9"),)
    several = read_response(answers.search_answer(0, succeeded=False, diagnoses=[(114, "1=9"), (117, "2=8")]))
    assert several.records.diagnostics == (Diagnostic(114, "1=9"), Diagnostic(117, "2=8"))


def test_diagnostics_of_other_sets_keep_their_set():
    other = (SEQUENCE, [v.oid(6, "1.2.3.4"), v.integer(2, 5), v.general("x")])
    assert diagnostics_from(other) == (Diagnostic("1.2.3.4:5", "x"),)
    text = External(oids.SUTRS, value=v.general("service ends at ten")).node(EXTERNAL)
    assert diagnostics_from(text) == (Diagnostic(oids.SUTRS, message="service ends at ten"),)
    explicit = (SEQUENCE, [(ctx(1), [(ctx(2), [(ctx(1000), [])])]), v.string(ctx(2), "too many")])
    diag1 = External(oids.DIAG1, value=(SEQUENCE, [explicit])).node(EXTERNAL)
    assert diagnostics_from(diag1) == (Diagnostic(f"{oids.DIAG1}:1000", message="too many"),)


def test_level_two_fragments_are_refused():
    fragment = (SEQUENCE, [(ctx(1), [(ctx(3), [(4, b"part")])])])
    with pytest.raises(Malformed, match="fragment of a record"):
        read_response(answers.present_answer([fragment]))


def test_close_without_a_reason():
    assert read_response((ctx(48), [])) == Close(9)


def test_an_order_names_an_item():
    with pytest.raises(ValueError, match="names a record of a result set or an item request"):
        ItemOrderRequest().node()


def test_an_order_refused():
    reason = (SEQUENCE, [v.oid(6, oids.BIB1_DIAGNOSTICS), v.integer(2, 222), v.general("")])
    node = (ctx(47), [v.integer(ctx(3), 3), (ctx(4), [reason])])
    assert read_response(node) == ExtendedServicesResponse(3, (Diagnostic(222),))


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_text_is_there_in_both_languages(code):
    english, chinese = TEXTS[code]
    assert english.isascii()
    assert any("\u4e00" <= char <= "\u9fff" for char in chinese)


def test_texts_of_diagnostics():
    assert Diagnostic(109, "serials").text() == "The database is not available at the target: serials"
    assert Diagnostic(109, "serials").text("zh") == "数据库不可用：serials"
    assert Diagnostic(9999).text() == "Diagnostic 9999"
    assert Diagnostic("1.2.3:4", "x").text("zh") == "诊断代码 1.2.3:4：x"
    assert Diagnostic(114).asks_for_other_attributes
    assert not Diagnostic(109).asks_for_other_attributes
    assert Diagnostic(239).asks_for_other_syntax
    assert Diagnostic(1011).is_about_login
    assert Diagnostic(2).is_temporary


@pytest.mark.parametrize(("name", "dotted"), [("USMARC", oids.USMARC), ("cnmarc", oids.UNIMARC), ("1.2.3", "1.2.3")])
def test_names_of_record_syntaxes(name, dotted):
    assert oids.record_syntax(name) == dotted


def test_an_unknown_record_syntax_is_named():
    with pytest.raises(ValueError, match="record syntax 'marc22' is not known; use one of"):
        oids.record_syntax("marc22")
