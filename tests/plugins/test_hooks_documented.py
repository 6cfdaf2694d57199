"""The hooks are the table of contents: ten of them, each documented, called from one place only."""

import ast
import inspect
from pathlib import Path

import pytest

import illcore
from illcore import hookspecs
from illcore.cli.reference import LABELS, render_hooks, sections
from illcore.hookchecks import hook_arguments

CORE = Path(inspect.getfile(illcore)).parent
PAGE = CORE.parent / "docs" / "hooks.md"
HOOKS = hook_arguments(hookspecs)


def test_the_ten_hooks_have_exactly_these_names_and_arguments():
    assert {hook: ", ".join(arguments) for hook, arguments in HOOKS.items()} == {
        "illcore_register": "",
        "illcore_search": "query, deadline",
        "illcore_send": "message, partner, key, attempt, deadline",
        "illcore_receive": "payload, cursor, deadline",
        "illcore_answer": "results, deadline",
        "illcore_deliver": "delivery, key, deadline",
        "illcore_copyright": "request, usage",
        "illcore_circulate": "action, key, deadline",
        "illcore_enrich": "citation, deadline",
        "illcore_notify": "notice, key, deadline",
    }


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_answers_every_question(hook):
    summary, answers = sections(hook)
    assert summary.endswith(".")
    assert tuple(answers) == LABELS
    assert all(len(answer) > 3 for answer in answers.values())


@pytest.mark.parametrize("hook", HOOKS)
def test_no_hook_stops_at_the_first_result(hook):
    assert not getattr(hookspecs, hook).illcore_spec["firstresult"]


def test_the_page_is_what_the_code_says():
    hint = "run: python -m illcore.cli.reference hooks > docs/hooks.md"
    assert PAGE.read_text(encoding="utf-8") == render_hooks(), hint


def test_every_hook_has_a_section_headed_with_its_signature():
    page = render_hooks()
    for hook, arguments in HOOKS.items():
        assert f"\n## `{hook}({', '.join(arguments)})`\n" in page


def reaches_for_a_hook(node):
    """Whether the code calls a hook: ``x.illcore_send``, ``x.get_hookimpls`` or ``getattr(x.hook, …)``."""
    if isinstance(node, ast.Attribute):
        return node.attr.startswith("illcore_") or node.attr == "get_hookimpls"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr" and node.args:
        return isinstance(node.args[0], ast.Attribute) and node.args[0].attr == "hook"
    return False


def test_hooks_are_called_in_one_place_only():
    places = {
        path.relative_to(CORE).as_posix()
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if reaches_for_a_hook(node)
    }
    assert places <= {"plugins.py", "dispatch.py"}
    assert "plugins.py" in places
