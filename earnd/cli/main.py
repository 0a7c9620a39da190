"""The command line: one group, and one place where what went wrong becomes words and a code."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from earnd.errors import EarndError, ExitCode
from earnd.printable import printable

EXIT_CODES = """\
\b
Exit codes:
  0  fine
  1  a finding: audit rows, a failed cycle, a plan that could not be made
  2  usage or configuration
  3  the ledger can't be trusted or opened
  4  the exchange refuses our credentials
  5  another earnd holds the ledger
"""


class Entry(NamedTuple):
    """Where a command is, and what the list of commands says of it."""

    module: str
    name: str
    summary: str


# A command is imported when it is called for: most of them need but a part of the program.
COMMANDS = {
    "demo": Entry("demo", "demo", "Watch a practice account earn for a month, in seconds."),
    "sandbox": Entry("practising", "sandbox", "Serve the practice exchange on this machine."),
    "run": Entry("running", "run_daemon", "Run the daemon in the foreground."),
    "once": Entry("running", "once", "Run one cycle and say what it did."),
    "plan": Entry("running", "plan", "Say what a cycle would do, and why; send nothing."),
    "check": Entry("configuring", "check", "Check the configuration and the secrets, offline."),
    "status": Entry("inspecting", "status", "Show where the money is and how the last cycle went."),
    "explain": Entry("explaining", "explain", "Say why this, why not that, and why nothing."),
    "actions": Entry("inspecting", "actions", "List actions, newest first."),
    "audit": Entry("inspecting", "audit", "Ask every audit; each must be empty."),
    "reconcile": Entry("reconciling", "reconcile", "Add up what came, went and is there."),
    "ledger": Entry("verifying", "ledger", "Prove that the ledger is what earnd wrote."),
    "export": Entry("export", "export", "Write what moved, for spreadsheets, programs and books."),
    "resolve": Entry("hand", "resolve", "Say what became of an ACTION that needs an operator."),
    "opening": Entry("opening", "opening", "Say what a PRODUCT held before its first record."),
    "unwind": Entry("unwinding", "unwind", "Bring everything home, and see that it is."),
    "simulate": Entry("simulating", "simulate", "Try a strategy on a history of rates."),
    "probe": Entry("probe", "probe", "Prove how long the exchange remembers a request number."),
    "backup": Entry(
        "backing", "backup", "Copy the ledger while it is in use, and verify the copy."
    ),
    "rebuild": Entry("rebuilding", "rebuild", "Make a ledger from the exchange's history alone."),
    "migrate": Entry("hand", "migrate", "Bring an older ledger to this program's schema."),
    "config": Entry("configuring", "config", "Write, show and describe the configuration file."),
}


class Commands(click.Group):
    """The commands of `COMMANDS`, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, imported."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(import_module(f"earnd.cli.{entry.module}"), entry.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry} is no command")
        return _with_exit_codes(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _with_exit_codes(command: click.Command) -> click.Command:
    command.epilog = EXIT_CODES
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _with_exit_codes(inner)
    return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(package_name="earnd", prog_name="earnd")
def earnd() -> None:
    """Keeps the idle coins of an exchange account earning, and writes down every move.

    New here? `earnd demo` needs no account and shows the whole story in seconds.
    """


def run(arguments: Sequence[str]) -> int:
    """Runs one command; answers its exit code, having said on stderr what went wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal has no letters for is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    try:
        result = earnd.main(
            args=list(arguments) or ["--help"], prog_name="earnd", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort:
        _complain("earnd: interrupted")
        return 130
    except EarndError as error:
        _complain(str(error) if getattr(error, "problems", ()) else f"earnd: {error}")
        return error.exit_code
    except SystemExit:
        # How Click and rich say that the reader of our output went away (`earnd demo | head`).
        return ExitCode.FINE
    return result if isinstance(result, int) else ExitCode.FINE


def _complain(text: str) -> None:
    click.echo("\n".join(printable(line) for line in text.split("\n")), err=True)
