"""`lawspeaker policy`: the linter and the parser on files."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.common import AsJson, CliError, print_json, read_policy, say
from bot.discord_io.text import plain
from bot.domain.lint import Severity, lint
from bot.domain.policy import Policy, PolicyError, Rule

app = typer.Typer(help="Look at policy files without a bot.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Policy files.", show_default=False)]


@app.command("lint")
def lint_files(files: Files, as_json: AsJson = False) -> None:
    """Say what in a policy is unclear, contradictory, too long, or asks for no action.

    The exit status is 1 where there is a warning (a note is none), and 2 where a file is no policy at all.
    """
    reports = [_report(file) for file in files]
    unusable = any(report["error"] for report in reports)
    warned = any(finding["severity"] == Severity.WARNING for report in reports for finding in report["findings"])
    if as_json:
        print_json({"ok": not unusable and not warned, "files": reports})
    for report in reports:
        if report["error"]:
            say(f"lawspeaker: {report['error']}")
        elif not as_json:
            _print_findings(report)
    raise typer.Exit(2 if unusable else 1 if warned else 0)


@app.command()
def show(files: Files, as_json: AsJson = False) -> None:
    """Show how a policy is read: its rules with their actions, what is fine, examples. With --json a line per file."""
    for file in files:
        policy = read_policy(file)
        if as_json:
            print_json({"file": str(file), **policy_json(policy)})
        else:
            print(plain(_in_words(policy)))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="FILE", help="The policy as it was.")],
    new: Annotated[Path, typer.Argument(metavar="FILE", help="The policy as it is to be.")],
    as_json: AsJson = False,
) -> None:
    """Compare two policies: their text, and which rules that changes. The exit status is 1 where the texts differ."""
    before, after = read_policy(old), read_policy(new)
    lines = list(
        difflib.unified_diff(
            before.source.splitlines(), after.source.splitlines(), old.name, new.name, lineterm="", n=2
        )
    )
    changes = _changes(before, after)
    if as_json:
        print_json({"same": before.digest == after.digest, "rules": changes, "diff": "\n".join(lines)})
    else:
        for line in lines:
            print(plain(line))
        for kind, keys in changes.items():
            if keys:
                print(f"rules {kind}: {', '.join(keys)}")
    raise typer.Exit(0 if before.digest == after.digest else 1)


def policy_json(policy: Policy) -> dict[str, Any]:
    """How a policy is read: digest, title, preamble, rules with key, text and actions, fine, and examples."""
    return {
        "digest": policy.digest,
        "title": policy.title,
        "preamble": policy.preamble,
        "rules": [
            {"key": rule.key, "text": rule.text, "actions": [str(action) for action in rule.actions]}
            for rule in policy.rules
        ],
        "fine": list(policy.fine),
        "examples": [{"text": example.text, "rule": example.rule} for example in policy.examples],
    }


def _report(file: Path) -> dict[str, Any]:
    try:
        policy = read_policy(file)
    except (CliError, PolicyError) as error:
        return {"file": str(file), "error": str(error), "findings": []}
    findings = [
        {"severity": found.severity.value, "message": found.message, "rule": found.rule} for found in lint(policy)
    ]
    return {"file": str(file), "error": None, "findings": findings}


def _print_findings(report: dict[str, Any]) -> None:
    if not report["findings"]:
        print(f"{report['file']}: nothing to mend")
    for finding in report["findings"]:
        print(f"{report['file']}: {finding['severity']}: {plain(finding['message'])}")


def _in_words(policy: Policy) -> str:
    lines = [policy.title or "(no title)", f"digest {policy.digest}", ""]
    if policy.preamble:
        lines += [policy.preamble, ""]
    lines += [f"{_with_actions(rule)}" for rule in policy.rules]
    if policy.fine:
        lines += ["", "Fine:", *(f"- {text}" for text in policy.fine)]
    if policy.examples:
        lines += ["", "Examples:"]
        lines += [f"- “{one.text}” {f'breaks {one.rule}' if one.rule else 'is fine'}" for one in policy.examples]
    return "\n".join(lines)


def _with_actions(rule: Rule) -> str:
    return f"{rule.key}. {rule.text} [{', '.join(str(action) for action in rule.actions)}]"


def _changes(before: Policy, after: Policy) -> dict[str, list[str]]:
    """The keys of rules that came, went, or have other words or actions now."""
    old = {rule.key: rule for rule in before.rules}
    new = {rule.key: rule for rule in after.rules}
    return {
        "added": [key for key in new if key not in old],
        "removed": [key for key in old if key not in new],
        "changed": [key for key in new if key in old and _with_actions(new[key]) != _with_actions(old[key])],
    }
