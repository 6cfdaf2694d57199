"""`ill search --account NAME … --json` says what yaz-client says: hits, diagnostics, records."""

from __future__ import annotations

import json

import pymarc
import pytest

from illcore.cli.app import run
from illcore_z3950.testing import ScriptedTarget, answering, catalogue, closing
from illcore_z3950.testing.answers import init_answer, present_answer, record, search_answer, surrogate
from illcore_z3950.testing.samples import THREE_BODY_CNMARC, gbk, iso2709

QUERIES = {
    "word": "@attr 1=4 library",
    "and": "@and @attr 1=4 history @attr 1=4 music",
    "or": "@or @attr 1=4 river @attr 1=4 music",
    "not": "@not @attr 1=4 history @attr 1=4 music",
    "truncation": "@attr 1=4 @attr 5=1 libr",
    "left truncation": "@attr 1=4 @attr 5=2 rary",
    "phrase": '@attr 1=4 @attr 4=1 "three-body problem"',
    "nothing": "@attr 1=4 nothingofthekind",
    "empty term": '@attr 1=4 ""',
    "chinese": "@attr 1=4 三体",
    "umlaut": "@attr 1=4 Über",
    "accents": "@attr 1=1003 Lefèvre",
    "wrong attribute": "@attr 1=9999 x",
    "wrong relation": "@attr 1=4 @attr 2=77 x",
    "wrong set": "@set nosuchset",
}


@pytest.fixture
def ill(tmp_path, capsys):
    """Runs `ill search` with accounts; gives the exit code, what was written as JSON (or text), and stderr."""

    def search(accounts, *arguments):
        lines = ['library = "ISIL:CN-1"']
        for name, keys in accounts.items():
            lines += [f'[accounts."{name}"]', *(f"{key} = {json.dumps(value)}" for key, value in keys.items())]
        file = tmp_path / "ill.toml"
        file.write_text("\n".join(lines), encoding="utf-8")
        code = run(["search", "--config", str(file), *arguments])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments and out else out, err

    return search


def at(peer, database="main", **keys):
    return {"z3950:it": {"host": peer.host, "port": peer.port, "database": database, **keys}}


def ask(ill, accounts, *arguments):
    return ill(accounts, "--account", next(iter(accounts)), "--json", *arguments)


@pytest.mark.parametrize("name", QUERIES)
def test_zebra(name, zebra, yaz_client, ill):
    query = QUERIES[name]
    heard = yaz_client.ask(zebra, query, ["main"])
    code, found, _ = ask(ill, at(zebra), "--pqf", query)
    assert set(found) == {"hits", "diagnostics", "records"}
    assert found["hits"] == heard.hits
    assert [said["code"] for said in found["diagnostics"]] == heard.codes
    assert code == (1 if heard.codes else 0)
    shown = min(heard.hits, 10)
    assert len(found["records"]) == shown
    if shown:
        heard = yaz_client.ask(zebra, query, ["main"], f"1+{shown}")
        theirs = [each.as_dict()["fields"] for each in pymarc.MARCReader(heard.marc, force_utf8=True)]
        assert [each["marc"]["fields"] for each in found["records"]] == theirs


@pytest.mark.parametrize("databases", [["main", "serials"], ["serials"], ["nosuchdb"], ["main", "nosuchdb"]])
def test_databases(databases, zebra, yaz_client, ill):
    heard = yaz_client.ask(zebra, "@attr 1=4 history", databases)
    code, found, _ = ask(ill, at(zebra, "+".join(databases)), "--pqf", "@attr 1=4 history")
    assert (found["hits"], [said["code"] for said in found["diagnostics"]]) == (heard.hits, heard.codes)
    assert code == (1 if heard.codes else 0)


def test_more_records_than_there_are(zebra, ill):
    code, found, _ = ask(ill, at(zebra), "--pqf", "@attr 1=4 volume", "--max", "500")
    assert (code, found["hits"], len(found["records"])) == (0, 35, 35)


@pytest.mark.parametrize("query", ["7", "@and 7 3", "@attr 1=4 computer", "@or 0 0"])
@pytest.mark.parametrize("database", ["Default", "nosuch"])
def test_ztest(query, database, ztest, yaz_client, ill):
    heard = yaz_client.ask(ztest, query, [database])
    code, found, err = ask(ill, at(ztest, database), "--pqf", query, "--max", "3")
    assert (found["hits"], [said["code"] for said in found["diagnostics"]]) == (heard.hits, heard.codes)
    assert len(found["records"]) == min(heard.hits, 3)
    assert code == (1 if heard.codes else 0)
    if heard.codes:
        assert "refused the search: The database is not available at the target: nosuch." in err


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        (["--isbn", "978-7-5366-9293-0"], "三体"),
        (["--isbn", "7536692935"], "三体"),
        (["--title", "三体"], "三体"),
        (["--author", "曹雪芹"], "红楼梦"),
        (["--keyword", "problem"], "The three-body problem"),
        (["--cql", 'title = "three-body" and author = Liu'], "The three-body problem"),
    ],
)
def test_fields_build_a_query(asked, title, zebra, ill):
    code, found, _ = ask(ill, at(zebra), *asked)
    assert code == 0
    assert (found["hits"], [each["title"] for each in found["records"]]) == (1, [title])
    if "--cql" not in asked:
        assert [each["title"] for each in found["holdings"]] == [title]
        assert found["accounts"] == [{"name": "z3950:it", "status": "ok", "hits": 1, "error": None}]


def test_opac_falls_back_where_the_target_has_none(zebra, ill):
    code, found, _ = ask(ill, at(zebra, syntax="opac"), "--pqf", "@attr 1=4 三体")
    assert (code, found["diagnostics"], [each["syntax"] for each in found["records"]]) == (0, [], ["usmarc"])


def test_opac_holdings(ztest, ill):
    _, found, _ = ask(ill, at(ztest, "Default", syntax="opac"), "--title", "computer", "--max", "1")
    (holding,) = found["holdings"]
    assert holding["call_number"] == "MLCM 89/00602 (N)"
    assert holding["available"] is True
    assert holding["barcode"]


def test_password(zebra_with_login, ill):
    code, found, _ = ask(ill, at(zebra_with_login, user="ill", password="secret"), "--pqf", "@attr 1=4 三体")
    assert (code, found["hits"]) == (0, 1)
    code, found, err = ask(ill, at(zebra_with_login, user="ill", password="wrong-one"), "--pqf", "@attr 1=4 三体")
    assert (code, found["hits"], [said["code"] for said in found["diagnostics"]]) == (1, 0, [1011])
    assert "refused the session" in err
    assert "wrong-one" not in err


def test_gbk_and_marc8_come_out_right(zebra_octets, ill):
    chinese = at(zebra_octets, "cnmarc", query_charset="gbk", record_charset="gbk", syntax="unimarc usmarc")
    code, found, err = ask(ill, chinese, "--title", "三体")
    assert (code, err, found["hits"]) == (0, "", 1)
    (holding,) = found["holdings"]
    assert (holding["title"], holding["author"], holding["call_number"]) == ("三体", "刘慈欣", "I247.55/7120")
    code, found, err = ask(ill, at(zebra_octets, "marc8", record_charset="marc8"), "--pqf", "@attr 1=4 r*")
    code, found, err = ask(ill, at(zebra_octets, "marc8", record_charset="marc8"), "--isbn", "2070368076")
    assert (code, err) == (0, "")
    assert [each["title"] for each in found["records"]] == ["L'été à la communauté : récit"]


@pytest.mark.parametrize("wrong", ["utf-8", "latin-1", "marc-8"])
def test_a_wrong_charset_is_reported_and_not_shown_as_mojibake(wrong, zebra_octets, ill):
    account = at(zebra_octets, "cnmarc", query_charset="gbk", record_charset=wrong)
    code, found, err = ask(ill, account, "--pqf", "@attr 1=4 三体")
    assert (code, found["hits"]) == (0, 1)
    (shown,) = found["records"]
    assert "set record_charset" in shown["problem"]
    assert (shown["title"], shown["author"]) == ("", "")
    assert "gb18030 would fit" in err
    assert json.dumps(found, ensure_ascii=False).replace("‑", "").isascii()


def test_where_no_record_can_be_read_the_account_is_said_to_be_misconfigured(zebra_octets, ill):
    code, found, err = ask(ill, at(zebra_octets, "cnmarc", query_charset="gbk"), "--title", "三体")
    assert (code, found["hits"], found["holdings"]) == (1, 1, [])
    (account,) = found["accounts"]
    assert account["status"] == "misconfigured"
    assert "gb18030 would fit" in account["error"]
    assert account["error"] in err


THREE = [record(iso2709(THREE_BODY_CNMARC, gbk)), surrogate(14, "broken"), record(iso2709(THREE_BODY_CNMARC, gbk))]


def test_surrogate_diagnostics_stand_with_the_others(ill):
    with ScriptedTarget(catalogue(THREE)) as target:
        code, found, _ = ask(ill, at(target, record_charset="gbk"), "--pqf", "x")
    assert (code, found["hits"], found["diagnostics"]) == (0, 3, [{"code": 14, "addinfo": "broken"}])
    assert [each.get("title") for each in found["records"]] == ["三体", None, "三体"]


def test_fewer_records_than_asked_are_asked_for_again(ill):
    with ScriptedTarget(catalogue([THREE[0]] * 7, at_most=2)) as target:
        _, found, _ = ask(ill, at(target, record_charset="gbk"), "--pqf", "x")
    assert len(found["records"]) == 7


def test_what_came_before_the_target_fell_silent_is_printed(ill):
    script = closing(init_answer(), search_answer(5), present_answer(THREE[:1], status=2))
    with ScriptedTarget(script) as target:
        code, found, err = ask(ill, at(target, record_charset="gbk"), "--pqf", "x")
    assert (code, found["hits"], len(found["records"])) == (1, 5, 1)
    assert "closed the connection" in err


def test_diagnostics_of_other_sets_have_a_text_for_a_code(ill):
    from illcore_z3950 import values as v
    from illcore_z3950.ber import GENERAL_STRING, INTEGER, OID, ctx

    other = (ctx(130), [v.oid(OID, "1.2.3"), v.integer(INTEGER, 4), v.string(GENERAL_STRING, "why")])
    key, parts = search_answer(0, succeeded=False)
    with ScriptedTarget(answering(init_answer(), (key, [*parts, other]))) as target:
        code, found, _ = ask(ill, at(target), "--pqf", "x")
    assert (code, found["diagnostics"]) == (1, [{"code": "1.2.3:4", "addinfo": "why"}])


def test_no_answer_is_a_sentence_and_exit_code_1(ill, unused_port):
    keys = {"host": "127.0.0.1", "port": unused_port, "database": "x"}
    code, found, err = ask(ill, {"z3950:it": keys}, "--pqf", "x")
    assert (code, found) == (1, "")
    assert err == f"ill: z3950:it: 127.0.0.1:{unused_port} refused the connection; check host and port.\n"
    code, found, _ = ask(ill, {"z3950:it": keys}, "--title", "x")
    assert (code, found["holdings"], found["accounts"][0]["status"]) == (1, [], "failed")


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (["--pqf", "@attr 1=4"], 1, "the query ends where a term should follow"),
        (["--pqf", "x", "--account", "z3950:no"], 2, "there is no account z3950:no"),
        (["--pqf", "x", "--account", "other:x"], 2, "other:x takes no --pqf or --cql"),
        (["--pqf", "x"], 2, "name one account with --account"),
        (["--pqf", "x", "--cql", "y", "--account", "z3950:a"], 2, "give one of them"),
        (["--pqf", "x", "--title", "y", "--account", "z3950:a"], 2, "and no --isbn, --title and so on"),
    ],
)
def test_wrong_usage(arguments, code, what, ill, unused_port):
    keys = {"host": "127.0.0.1", "port": unused_port, "database": "x"}
    if code == 1:
        arguments = [*arguments, "--account", "z3950:a"]
    got, _, err = ill({"z3950:a": keys, "z3950:b": keys, "other:x": {"a": 1}}, *arguments)
    assert got == code
    assert what in err
    assert err.count("\n") == 1


def test_a_wrong_config_key_is_named(ill):
    accounts = {"z3950:a": {"host": "h", "port": 1, "database": "d", "databse": "e"}}
    code, _, err = ill(accounts, "--pqf", "x")
    assert code == 1
    assert err.startswith("ill: z3950:a in ")
    assert "databse: there is no such key, did you mean database?" in err


def test_a_search_of_all_names_the_accounts_that_do_not_work(tmp_path, capsys, ztest):
    file = tmp_path / "ill.toml"
    assert run(["init", "--library", "ISIL:CN-1", "--name-en", "A", "--name-zh", "甲", "--config", str(file)]) == 0
    with file.open("a", encoding="utf-8") as config:
        config.write(f'[accounts."z3950:good"]\nhost = "{ztest.host}"\nport = {ztest.port}\ndatabase = "Default"\n')
        config.write('[accounts."z3950:bad"]\nhost = "h"\nport = 1\ndatabase = "d"\npassword = "letmein"\n')
    capsys.readouterr()
    assert run(["search", "--title", "computer", "--json", "--config", str(file)]) == 0
    out, err = capsys.readouterr()
    bad, good = json.loads(out)["accounts"]
    assert (good["name"], good["status"]) == ("z3950:good", "ok")
    assert (bad["name"], bad["status"], bad["error"]) == (
        "z3950:bad",
        "misconfigured",
        "password is set but user is not",
    )
    assert err == "ill: z3950:bad: misconfigured: password is set but user is not\n"
    assert run(["doctor", "--config", str(file)]) == 1
    assert "letmein" not in "".join(capsys.readouterr())


def test_people_get_a_table(ztest, ill):
    code, text, _ = ill(at(ztest, "Default"), "--pqf", "@attr 1=4 computer", "--max", "2")
    assert code == 0
    assert text.startswith("23 found")
    assert "How to program a computer" in text
