"""A plugin that is broken disables itself alone, and says why in one sentence."""

import sys
import textwrap
import threading
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from illcore import plugins as registry
from illcore.connectors import ConnectorType, Plugin
from illcore.hookspecs import hookimpl
from illcore.message import Receipt
from illcore.plugins import Plugins, installed
from illcore.testing.fakes import FakeHost, FakePlugin, fake_secrets, given


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Good:
    @hookimpl
    def illcore_send(self, message, partner, key, attempt, deadline):
        return Receipt()


def plugin_of(connector, name="odd"):
    """A plugin object whose one connector type builds this."""
    module = types.SimpleNamespace()

    @hookimpl
    def illcore_register():
        return Plugin(name, connectors=(ConnectorType(name, Config, lambda config, host: connector()),))

    module.illcore_register = illcore_register
    return module


def registering(value):
    module = types.ModuleType("odd")

    @hookimpl
    def illcore_register():
        if isinstance(value, BaseException):
            raise value
        return value() if isinstance(value, types.FunctionType) else value

    module.illcore_register = illcore_register
    return module


def boot(*points, accounts=None):
    """The rows of the given plugins beside a good one, which must always work."""
    plugins = Plugins([*points, given(FakePlugin())])
    plugins.build({"fake:main": {}, **(accounts or {})}, FakeHost(), fake_secrets({}))
    rows = {row["name"]: row for row in plugins.report()}
    assert rows["fake"]["status"] == "ok"
    assert rows["fake:main"]["status"] == "ok"
    return rows


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Installs a distribution on disk, as pip would leave it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installs(name: str, source: str, version: str = "1.0", module: str = "") -> None:
        module = module or name.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        entry = name.removeprefix("illcore-")
        (info / "entry_points.txt").write_text(f"[illcore.plugins]\n{entry} = {module}\n", encoding="utf-8")

    before = set(sys.modules)
    yield installs
    for name in set(sys.modules) - before:
        if name.startswith("illcore_disk_"):
            del sys.modules[name]


SOUND = """
    from pydantic import BaseModel, ConfigDict
    from illcore.connectors import ConnectorType, Plugin
    from illcore.hookspecs import hookimpl
    from illcore.message import Receipt

    class Config(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class Connector:
        @hookimpl
        def illcore_send(self, message, partner, key, attempt, deadline):
            return Receipt(remote_id="on disk")

    @hookimpl
    def illcore_register():
        return Plugin("NAME", connectors=(ConnectorType("NAME", Config, lambda config, host: Connector()),))
"""


def rows_on_disk(accounts=None, disabled=()):
    ours = [point for point in installed() if point.name.startswith("disk")]
    plugins = Plugins(ours, disabled)
    plugins.build(accounts or {}, FakeHost(), fake_secrets({}))
    return {row["distribution"]: row for row in plugins.report()}, plugins


def test_installed_plugins_are_found_and_broken_ones_stand_aside(install):
    install("illcore-disk-good", SOUND.replace("NAME", "diskgood"), "1.4")
    install("illcore-disk-missing", "import no_such_library_of_mine", "2.0")
    install("illcore-disk-syntax", "def f(:\n")
    install("illcore-disk-exits", "import sys; sys.exit(3)")
    install("illcore-disk-raises", SOUND.replace("NAME", "x").replace("return Plugin", "raise ValueError('boom') #"))
    install("illcore-disk-empty", "x = 1")
    rows, plugins = rows_on_disk({"diskgood:main": {}})
    assert rows["illcore-disk-good"] == {
        "name": "diskgood:main",
        "distribution": "illcore-disk-good",
        "version": "1.4",
        "status": "ok",
        "reason": "",
    }
    assert plugins.capable("illcore_send") == ("diskgood:main",)
    failed = {name: row["reason"] for name, row in rows.items() if row["status"] == "failed"}
    missing = failed.pop("illcore-disk-missing")
    assert missing == "it cannot be imported: ModuleNotFoundError: No module named 'no_such_library_of_mine'"
    assert failed.pop("illcore-disk-syntax").startswith("it cannot be imported: SyntaxError: ")
    assert failed.pop("illcore-disk-exits") == "it cannot be imported: SystemExit: 3"
    assert failed.pop("illcore-disk-raises") == "illcore_register failed: ValueError: boom"
    assert failed.pop("illcore-disk-empty").startswith("it has no illcore_register; ")
    assert failed == {}


def test_two_distributions_with_one_plugin_name_are_both_named_and_both_disabled(install):
    install("illcore-disk-one", SOUND.replace("NAME", "twice"), "1.0")
    install("illcore-disk-two", SOUND.replace("NAME", "twice"), "2.5")
    rows, plugins = rows_on_disk({"twice:main": {}})
    for name in ("illcore-disk-one", "illcore-disk-two"):
        assert rows[name]["status"] == "failed"
        assert "illcore-disk-one 1.0" in rows[name]["reason"]
        assert "illcore-disk-two 2.5" in rows[name]["reason"]
        assert "both claim the plugin name twice; uninstall or disable one" in rows[name]["reason"]
    assert plugins.plugins == {}
    assert "illcore-disk-one 1.0 failed" in rows[""]["reason"]


def test_disabling_one_of_two_lets_the_other_work(install):
    install("illcore-disk-one", SOUND.replace("NAME", "twice"))
    install("illcore-disk-two", SOUND.replace("NAME", "twice"))
    rows, plugins = rows_on_disk({"twice:main": {}}, disabled=["illcore-disk-two"])
    assert rows["illcore-disk-two"]["status"] == "disabled"
    assert plugins.accounts["twice:main"].distribution == "illcore-disk-one"


def test_a_connector_type_that_two_plugins_claim_is_offered_by_neither():
    first = registering(Plugin("one", connectors=(ConnectorType("same", Config, lambda c, h: Good()),)))
    second = registering(Plugin("two", connectors=(ConnectorType("same", Config, lambda c, h: Good()),)))
    rows = boot(
        given(first, distribution="illcore-one", version="1.1"),
        given(second, distribution="illcore-two", version="2.2"),
        accounts={"same:main": {}},
    )
    for name in ("one", "two"):
        assert rows[name]["status"] == "failed"
        assert "illcore-one 1.1" in rows[name]["reason"]
        assert "illcore-two 2.2" in rows[name]["reason"]
        assert "both claim the connector type same" in rows[name]["reason"]
    assert rows["same:main"]["status"] == "failed"


class LooseConfig(BaseModel):
    pass


class CoreKeyConfig(Config):
    slots: int = 1


def one_type(name="odd", config=Config):
    return Plugin("odd", connectors=(ConnectorType(name, config, lambda c, h: Good()),))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "illcore_register returned a NoneType, not a Plugin"),
        ([Plugin("x")], "illcore_register returned a list, not a Plugin"),
        (Plugin("odd", api_version=99), "it was written for version 99 of the hooks, this core has 1"),
        (Plugin("Odd Name"), "the name 'Odd Name' is wrong"),
        (Plugin("odd", connectors=None), "connectors is a NoneType, not a tuple of ConnectorType"),  # type: ignore[arg-type]
        (Plugin("odd", connectors=("x",)), "connectors holds a str, not a ConnectorType"),  # type: ignore[arg-type]
        (one_type("a:b"), "the name 'a:b' is wrong"),
        (one_type(config=dict), "the config of connector type odd is not a pydantic model class"),
        (one_type(config=LooseConfig), 'the config model LooseConfig must set extra="forbid"'),
        (one_type(config=CoreKeyConfig), "the config model CoreKeyConfig has the key slots, which belongs to the core"),
        (ValueError("boom"), "illcore_register failed: ValueError: boom"),
        (SystemExit("bye"), "illcore_register failed: SystemExit: bye"),
    ],
)
def test_what_a_plugin_registers_is_looked_at(value, said):
    rows = boot(given(registering(value), name="odd"))
    assert rows["odd"]["status"] == "failed"
    assert said in rows["odd"]["reason"]


def test_a_plugin_that_never_comes_back_from_registering_is_left_alone(monkeypatch):
    monkeypatch.setattr(registry, "BOOT_SECONDS", 0.2)
    ends = threading.Event()
    rows = boot(given(registering(lambda: ends.wait(60)), name="slow"))
    ends.set()
    assert rows["slow"]["reason"] == "illcore_register failed: it did not come back within 0.2 s"


class Async:
    @hookimpl
    async def illcore_send(self, message, partner, key, attempt, deadline):
        return Receipt()


class Misspelt(Good):
    @hookimpl
    def illcore_recieve(self, payload, cursor, deadline):
        return None


class Default:
    @hookimpl
    def illcore_send(self, message, partner, key, attempt, deadline=None):
        return Receipt()


class Unmarked(Good):
    def illcore_search(self, query, deadline):
        return []


class UnmarkedMisspelt(Good):
    def illcore_serach(self, query, deadline):
        return []


class ForeignArgument:
    @hookimpl
    def illcore_send(self, msg, partner, key, attempt, deadline):
        return Receipt()


class Star:
    @hookimpl
    def illcore_send(self, **arguments):
        return Receipt()


class KeywordOnly:
    @hookimpl
    def illcore_search(self, query, *, deadline):
        return []


class Generator:
    @hookimpl
    def illcore_search(self, query, deadline):
        yield from ()


class Wrapper:
    @hookimpl(wrapper=True)
    def illcore_search(self, query, deadline):
        return (yield)


class PropertyHook(Good):
    @property
    def illcore_search(self):
        raise AssertionError("nobody may look")


class CallableHook(Good):
    class _Search:
        def __call__(self, query, deadline):
            return []

    illcore_search = _Search()


class TwiceHook(Good):
    @hookimpl(specname="illcore_send")
    def transmit(self, message, partner, key, attempt, deadline):
        return Receipt()


class Registers(Good):
    @hookimpl
    def illcore_register(self):
        return Plugin("odd")


class Nothing:
    pass


class Crashes:
    def __init__(self):
        raise RuntimeError("no such file")


class Exits:
    def __init__(self):
        raise SystemExit(1)


@pytest.mark.parametrize(
    ("connector", "said"),
    [
        (Async, "illcore_send is async; hooks are plain functions that run in threads"),
        (Misspelt, "there is no hook illcore_recieve; did you mean illcore_receive?"),
        (Default, "illcore_send gives deadline a default; a hook argument with a default may never be passed"),
        (Unmarked, "illcore_search lacks @hookimpl, so nobody would call it"),
        (UnmarkedMisspelt, "illcore_serach lacks @hookimpl, so nobody would call it; did you mean illcore_search?"),
        (ForeignArgument, "illcore_send takes msg, which the hook does not have; it has message, partner, key"),
        (Star, "illcore_send takes **arguments; name the arguments: message, partner, key, attempt, deadline"),
        (KeywordOnly, "illcore_search takes deadline by keyword only"),
        (Generator, "illcore_search is a generator; return a list"),
        (Wrapper, "illcore_search is a wrapper"),
        (PropertyHook, "illcore_search is a property; a hook is a plain function with @hookimpl"),
        (CallableHook, "illcore_search is a _Search; a hook is a plain function with @hookimpl"),
        (TwiceHook, "illcore_send is implemented twice"),
        (Registers, "illcore_register belongs on the plugin's module, not on a connector"),
        (Nothing, "the connector Nothing implements no hook"),
        (Crashes, "RuntimeError: no such file"),
        (Exits, "SystemExit: 1"),
        (lambda: Good, "Good is a class; hand over an instance of it"),
    ],
)
def test_a_faulty_connector_is_refused_at_registration(connector, said):
    rows = boot(given(plugin_of(connector), name="odd"), accounts={"odd:main": {}})
    assert rows["odd:main"]["status"] == "failed"
    assert rows["odd:main"]["reason"].startswith(said)
    assert rows["odd"]["status"] == "ok"


def test_an_operation_on_the_module_itself_is_refused():
    module = registering(Plugin("odd"))
    module.illcore_search = hookimpl(lambda query, deadline: [])  # type: ignore[attr-defined]
    assert "illcore_search stands on the plugin itself" in boot(given(module, name="odd"))["odd"]["reason"]


def test_an_async_or_unmarked_register_is_refused():
    module = types.ModuleType("odd")

    async def illcore_register():
        return Plugin("odd")

    module.illcore_register = illcore_register  # type: ignore[attr-defined]
    assert "illcore_register lacks @hookimpl" in boot(given(module, name="odd"))["odd"]["reason"]
    hookimpl(illcore_register)
    assert "illcore_register is async" in boot(given(module, name="odd"))["odd"]["reason"]


def test_a_class_as_entry_point_is_refused():
    assert "FakePlugin is a class" in boot(given(FakePlugin, name="odd"))["odd"]["reason"]


def test_no_property_of_a_connector_is_ever_evaluated():
    looked = []

    class Curious(Good):
        @property
        def connection(self):
            looked.append(1)
            raise OSError("opened a socket")

        def __getattr__(self, name):
            looked.append(name)
            raise AttributeError(name)

    assert boot(given(plugin_of(Curious), name="odd"), accounts={"odd:main": {}})["odd:main"]["status"] == "ok"
    assert looked == []


def test_static_class_and_inherited_hooks_and_decorated_ones_work():
    class Mixed(Good):
        @staticmethod
        @hookimpl
        def illcore_search(query, deadline):
            return []

        @classmethod
        @hookimpl
        def illcore_notify(cls, notice, key, deadline):
            return Receipt()

        @hookimpl(specname="illcore_enrich")
        def complete(self, citation, deadline):
            return None

        @hookimpl(optionalhook=True)
        def illcore_of_the_future(self, anything):
            return None

    plugins = Plugins([given(plugin_of(Mixed), name="odd")])
    plugins.build({"odd:main": {}}, FakeHost(), fake_secrets({}))
    assert plugins.accounts["odd:main"].capabilities == {
        "illcore_send",
        "illcore_search",
        "illcore_notify",
        "illcore_enrich",
    }


def test_a_subclass_that_overrides_without_marking_is_refused():
    class Careless(Good):
        def illcore_send(self, message, partner, key, attempt, deadline):
            return Receipt(remote_id="unmarked")

    rows = boot(given(plugin_of(Careless), name="odd"), accounts={"odd:main": {}})
    assert "illcore_send lacks @hookimpl" in rows["odd:main"]["reason"]


def test_two_registries_share_nothing():
    fake = FakePlugin()
    first, second = Plugins([given(fake)]), Plugins([given(fake)])
    first.build({"fake:main": {}}, FakeHost(), fake_secrets({}))
    assert second.accounts == {}
    assert second.capable("illcore_send") == ()
    second.build({"fake:main": {}}, FakeHost(), fake_secrets({}))
    assert first.accounts["fake:main"].connector is not second.accounts["fake:main"].connector


def test_web_applications_are_mounted_and_a_failing_one_stands_aside():
    async def app(scope, receive, send):
        return None

    def broken(host):
        raise ValueError("no template")

    plugins = Plugins(
        [
            given(registering(Plugin("a", asgi=lambda host: {"/a": app, "/both": app})), name="a"),
            given(registering(Plugin("b", asgi=lambda host: {"/b": app, "/both": app})), name="b"),
            given(registering(Plugin("c", asgi=broken)), name="c"),
            given(registering(Plugin("d", asgi=lambda host: {"d": app})), name="d"),
        ]
    )
    assert plugins.mounts(FakeHost()) == {"/a": app, "/b": app}
    reasons = {row["name"]: row["reason"] for row in plugins.report()}
    assert reasons["a"] == "illcore-a 1.0 and illcore-b 1.0 both want the path /both; neither gets it"
    assert reasons["c"] == "asgi failed: ValueError: no template"
    assert "a path begins with /" in reasons["d"]
