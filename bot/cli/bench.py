"""`lawspeaker bench`: how fast the judge is on this machine, beside plain ways to ask the same model."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.bench.run import Bench, Plan
from bot.cli.common import AsJson, CliError, local_model, print_json, settings_for_command
from bot.judge.interface import JudgeError

# Of the ten minutes that a run may take at most, for starting and ending processes, and for what is still in flight
# when a part's time is over.
_SPARE = 0.07

_ROWS = (
    ("lawspeaker", "Lawspeaker, violations explained"),
    ("server", "xllamacpp's server, one token"),
    ("plain_one_token", "llama-cpp-python, one token"),
    ("plain", "llama-cpp-python, JSON"),
    ("lawspeaker_many", "Lawspeaker, many servers, policies new"),
    ("server_many", "xllamacpp's server, the same"),
)


def bench(
    minutes: Annotated[float, typer.Option(min=0.5, max=10.0, help="How long it may take.")] = 10.0,
    seed: Annotated[int, typer.Option(help="The seed of what is drawn by chance.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure throughput and latency of the judge, side by side with plain ways to ask the same model.

    The same messages, servers in turn, are judged by Lawspeaker, by llama-cpp-python and by the server in xllamacpp,
    and compared with what llama.cpp could do at best. Leave the machine alone meanwhile. What there is no time for is
    left out and named.
    """
    settings = settings_for_command()
    model = local_model(settings)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("bench", total=None)

        def show(part: str, done: int) -> None:
            progress.update(task, description=f"{part.replace('_', ' ')}: {done} messages")

        plan = Plan(minutes * 60 * (1 - _SPARE), seed=seed)
        try:
            found = asyncio.run(Bench(settings, model, plan, show).run())
        except JudgeError as error:
            raise CliError(str(error)) from error
    if as_json:
        print_json(found)
    else:
        print(in_words(found))


def in_words(found: dict[str, Any]) -> str:
    """The figures as a table."""
    machine = found["machine"]
    lines = [
        f"{found['model']} on {machine['processor']}, {machine['cores']} cores, {found['threads']} threads; "
        f"seed {found['seed']}, {found['share_violating']:.0%} violating, {found['seconds']:.0f} s",
        f"  {'':<40} {'messages/s':>10} {'n':>6} {'MB':>7}",
    ]
    for name, title in _ROWS:
        if (part := found.get(name)) and part["messages_per_second"]:
            memory = found["peak_rss_mb"] if name == "lawspeaker" else part.get("peak_rss_mb")
            shown = f"{memory:.0f}" if memory else ""
            lines.append(f"  {title:<40} {part['messages_per_second']:>10.3f} {part['n']:>6} {shown:>7}")
    if found["limit_messages_per_second"]:
        lines.append(f"  {'at best, by llama.cpp itself':<40} {found['limit_messages_per_second']:>10.3f}")
    compared = {
        "times llama-cpp-python": found["speedup_vs_plain"],
        "times the server": found["speedup_vs_server"],
        "times the server with many policies": found["speedup_vs_server_many"],
        "of the limit": found["fraction_of_limit"],
    }
    if told := [f"{value:.2f} {what}" for what, value in compared.items() if value]:
        lines.append("Lawspeaker: " + ", ".join(told))
    if latency := found.get("latency_ms"):
        ranks = ", ".join(f"{name} {latency[name]:.0f} ms" for name in ("p50", "p95", "p99"))
        lines.append(f"Until the verdict, at half load: {ranks} ({latency['n']} messages)")
    if costs := found.get("cost_per_message_ms"):
        told = [f"{cost:.1f} ms with {servers}" for servers, cost in costs.items()]
        lines.append(f"Cost of a message by servers ({found['cost_model']}): {', '.join(told)}")
    lines += [f"Left out, {what}" for what in found["left_out"]]
    return "\n".join(lines)
