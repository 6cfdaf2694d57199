"""Accounts: one connector for each, with its own checked config; a wrong one fails alone."""

import threading

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from illcore import plugins as registry
from illcore.accounts import redact, resolve_references, secrets_in
from illcore.connectors import ConnectorType, Plugin
from illcore.hookspecs import hookimpl
from illcore.message import Receipt
from illcore.plugins import Plugins
from illcore.testing.fakes import FakeHost, FakePlugin, fake_secrets, given

SECRETS = fake_secrets({"ILL_PW": "hunter-two", "/run/key": "file-key"})


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: str = ""
    password: SecretStr = SecretStr("")


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str
    port: int = 210
    login: Login = Login()
    keys: list[SecretStr] = []

    @field_validator("host")
    @classmethod
    def _not_bad(cls, value: str) -> str:
        if value.startswith("bad"):
            raise ValueError(f"the host {value} is bad")
        return value


class Connector:
    def __init__(self, config, host):
        self.config, self.host = config, host
        if config.host == "crash":
            raise RuntimeError(f"cannot use {config.login.password.get_secret_value()}")

    @hookimpl
    def illcore_send(self, message, partner, key, attempt, deadline):
        return Receipt()


class Source:
    name = "odd"

    @hookimpl
    def illcore_register(self):
        return Plugin("odd", connectors=(ConnectorType("odd", Config, Connector),))


def built(accounts, host=None):
    plugins = Plugins([given(Source(), distribution="illcore-odd", version="3.1")])
    plugins.build(accounts, host or FakeHost(), SECRETS)
    return plugins, {row["name"]: row for row in plugins.report()}


def test_each_account_has_its_own_instance_config_and_host():
    host = FakeHost()
    plugins, rows = built({"odd:a": {"host": "a"}, "odd:b": {"host": "b", "port": 7090, "slots": 3}}, host)
    a, b = (plugins.accounts[name].connector for name in ("odd:a", "odd:b"))
    assert (a.config.host, b.config.port, a.host) == ("a", 7090, host)
    assert (plugins.accounts["odd:a"].slots, plugins.accounts["odd:b"].slots) == (8, 3)
    assert rows["odd:a"] == {
        "name": "odd:a",
        "distribution": "illcore-odd",
        "version": "3.1",
        "status": "ok",
        "reason": "",
    }


def test_secrets_are_resolved_wherever_they_stand():
    plugins, _ = built(
        {"odd:a": {"host": "a", "login": {"password": {"env": "ILL_PW"}}, "keys": [{"file": "/run/key"}, "plain-key"]}}
    )
    account = plugins.accounts["odd:a"]
    assert account.connector.config.login.password.get_secret_value() == "hunter-two"
    assert account.secrets == {"hunter-two", "file-key", "plain-key"}
    assert "hunter" not in repr(account)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "host: is missing"),
        ({"host": "a", "prot": 1}, "prot: there is no such key, did you mean port?"),
        ({"host": "a", "zzz": 1}, "zzz: there is no such key, known are host, port, login, keys"),
        ({"host": "a", "port": "x"}, "port: write a whole number"),
        ({"host": "a", "login": {"pasword": "x"}}, "login.pasword: there is no such key"),
        ({"host": "a", "slots": 0}, "slots: must be 1 or more"),
        ({"host": "a", "login": {"password": {"env": "NO_SUCH"}}}, "the secret env NO_SUCH is not set"),
        ({"host": "crash", "login": {"password": {"env": "ILL_PW"}}}, "RuntimeError: cannot use ***"),
        ({"host": {"env": "ILL_PW"}, "port": {"env": "ILL_PW"}}, "port: write a whole number"),
    ],
)
def test_a_wrong_account_fails_alone_with_a_sentence_and_without_secrets(config, said):
    plugins, rows = built({"odd:wrong": config, "odd:right": {"host": "b"}})
    assert rows["odd:wrong"]["status"] == "failed"
    assert said in rows["odd:wrong"]["reason"]
    assert "hunter" not in rows["odd:wrong"]["reason"]
    assert "\n" not in rows["odd:wrong"]["reason"]
    assert rows["odd:right"]["status"] == "ok"
    assert plugins.capable("illcore_send") == ("odd:right",)
    assert plugins.why_not("odd:wrong").startswith("account odd:wrong does not work: ")


def test_a_secret_in_a_validators_own_text_is_hidden():
    fake = fake_secrets({"HOST": "bad-secret-host"})
    plugins = Plugins([given(Source())])
    plugins.build({"odd:a": {"host": {"env": "HOST"}}}, FakeHost(), fake)
    assert plugins.report()[-1]["reason"] == "host: the host *** is bad"


def test_several_wrong_keys_are_all_named():
    _, rows = built({"odd:a": {"prot": 1, "port": "x"}})
    assert rows["odd:a"]["reason"].count(";") == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("odd", "an account is named TYPE:NAME, for example odd:main"),
        (
            "none:main",
            "no working plugin offers the connector type none (offered: odd); install the plugin that has it",
        ),
    ],
)
def test_an_account_of_no_known_type_says_what_there_is(name, said):
    _, rows = built({name: {"host": "a"}})
    assert rows[name]["status"] == "failed"
    assert rows[name]["reason"] == said


def test_the_status_tells_paused_disabled_and_not_configured():
    plugins, rows = built({})
    assert rows["odd"]["status"] == "not_configured"
    assert rows["odd"]["reason"] == 'no account uses it; add [accounts."odd:main"] to the configuration'
    plugins, rows = built({"odd:a": {"host": "a", "enabled": False}, "odd:b": {"host": "b"}})
    assert rows["odd:a"]["status"] == "disabled"
    assert "odd:a" not in plugins.accounts
    paused = {row["name"]: row for row in plugins.report(paused={"odd:b": "the password is wrong"})}
    assert (paused["odd:b"]["status"], paused["odd:b"]["reason"]) == ("paused", "the password is wrong")
    assert plugins.report()[-1]["status"] == "ok"


def test_capabilities_are_the_hooks_that_an_instance_has():
    plugins = Plugins([given(FakePlugin("asker", ["search"])), given(FakePlugin("teller", ["notify", "search"]))])
    plugins.build({"asker:main": {}, "teller:main": {}}, FakeHost(), SECRETS)
    assert plugins.accounts["asker:main"].capabilities == {"illcore_search"}
    assert plugins.capable("illcore_search") == ("asker:main", "teller:main")
    assert plugins.capable("illcore_notify") == ("teller:main",)
    assert plugins.capable("illcore_send") == ()


def test_a_factory_that_hangs_fails_its_account_alone(monkeypatch):
    monkeypatch.setattr(registry, "BOOT_SECONDS", 0.2)
    ends = threading.Event()

    class Slow(Source):
        @hookimpl
        def illcore_register(self):
            return Plugin("odd", connectors=(ConnectorType("odd", Login, lambda config, host: ends.wait(60)),))

    plugins = Plugins([given(Slow())])
    plugins.build({"odd:a": {}}, FakeHost(), SECRETS)
    ends.set()
    assert plugins.report()[-1]["reason"] == "it did not come back within 0.2 s"


def test_connectors_are_closed_and_a_failing_one_holds_nobody_up():
    closed = []

    class Closing(Connector):
        def close(self):
            closed.append(self.config.host)
            if self.config.host == "a":
                raise OSError("gone")

    class Closes(Source):
        @hookimpl
        def illcore_register(self):
            return Plugin("odd", connectors=(ConnectorType("odd", Config, Closing),))

    plugins = Plugins([given(Closes())])
    plugins.build({"odd:a": {"host": "a"}, "odd:b": {"host": "b"}}, FakeHost(), SECRETS)
    plugins.close()
    assert closed == ["a", "b"]


def test_references_are_only_tables_with_exactly_one_env_or_file():
    value = {"a": {"env": "ILL_PW"}, "b": {"env": "x", "more": 1}, "c": [{"file": "/run/key"}], "d": {"file": 3}}
    resolved, secrets = resolve_references(value, SECRETS)
    assert resolved == {"a": "hunter-two", "b": {"env": "x", "more": 1}, "c": ["file-key"], "d": {"file": 3}}
    assert secrets == {"hunter-two", "file-key"}


def test_redaction_takes_the_longest_secret_first():
    assert redact("password-long and password", {"password", "password-long"}) == "*** and ***"
    assert redact("http://u:p@h/x?y=a@b", ()) == "http://***@h/x?y=a@b"
    assert secrets_in(Login(password=SecretStr("x1y2"))) == {"x1y2"}
