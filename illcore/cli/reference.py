"""The reference pages that are made from the code: ``python -m illcore.cli.reference hooks > docs/hooks.md``."""

import inspect
import re
import sys

from illcore import hookspecs
from illcore.hookchecks import hook_arguments

LABELS = ("When", "With", "Thread", "Blocking", "Returns", "Raises", "Retried")
"""What the documentation of every hook answers, in this order."""

_HEAD = """\
# Hooks

<!-- Made from illcore/hookspecs.py by `python -m illcore.cli.reference hooks > docs/hooks.md`; do not edit. -->

Everything that a plugin can do, it does in one of these {count} hooks. `illcore_register` stands in the module that the
entry point (group `illcore.plugins`) names. All others are methods of a connector, one instance for each configured
account. Each is a plain function marked with `@hookimpl`, with the argument names of its heading and without defaults;
an account can do what the hooks of its connector say. How a call ends is the same for all:

| the hook | the engine takes it as |
|---|---|
| returns what it should | done |
| raises `TryLater(reason, after=…)` | certainly not arrived; tried again, not before `after` seconds |
| raises `Refused(reason, code=…)` | the partner said no; not tried again |
| raises `Misconfigured(reason)` | a person must mend the account, which is paused |
| raises `Unknown(reason)`, or the deadline passes | may have arrived or not; tried again, and the next try is told |
| raises anything else, or returns something else | a bug of the plugin; tried again |
"""


def sections(hook: str) -> tuple[str, dict[str, str]]:
    """The summary of a hook and what its documentation answers, by label."""
    lines = (inspect.getdoc(getattr(hookspecs, hook)) or "").splitlines()
    answers: dict[str, str] = {}
    label = ""
    for line in lines[1:]:
        found = re.match(r"([A-Z][a-z]+): (.*)", line)
        if found:
            label = found[1]
            answers[label] = found[2]
        elif label and line.strip():
            answers[label] += f" {line.strip()}"
    return lines[0] if lines else "", answers


def render_hooks() -> str:
    """``docs/hooks.md``: a section for every hook, headed with its exact signature."""
    hooks = hook_arguments(hookspecs)
    parts = [_HEAD.format(count=len(hooks))]
    for hook, arguments in hooks.items():
        summary, answers = sections(hook)
        returns = inspect.signature(getattr(hookspecs, hook)).return_annotation
        parts.append(f"## `{hook}({', '.join(arguments)})`\n\n{summary}\n\n| | |\n|---|---|\n")
        parameters = inspect.signature(getattr(hookspecs, hook)).parameters.values()
        types = ", ".join(f"`{each.name}: {each.annotation}`" for each in parameters)
        rows = [("Types", f"{types + ' ' if types else ''}→ `{returns}`"), *answers.items()]
        parts.append("".join(f"| **{label}** | {_cell(text)} |\n" for label, text in rows))
    return "\n".join(parts).replace("|---|---|\n\n", "|---|---|\n")


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    if sys.argv[1:] != ["hooks"]:
        sys.exit("usage: python -m illcore.cli.reference hooks > docs/hooks.md")
    sys.stdout.write(render_hooks())
