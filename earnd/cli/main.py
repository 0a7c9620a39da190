"""The command line: one group, and one place where what went wrong becomes words and a code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from earnd.cli.configuring import check, config
from earnd.cli.demo import demo
from earnd.cli.hand import migrate, resolve
from earnd.cli.inspecting import actions, audit, status
from earnd.cli.practising import sandbox
from earnd.cli.running import once, plan, run_daemon
from earnd.errors import EarndError, ExitCode

EXIT_CODES = """
\b
Exit codes:
  0  fine
  1  a finding: audit rows, a failed cycle
  2  usage or configuration
  3  the ledger can't be trusted or opened
  4  the exchange refuses our credentials
  5  another earnd holds the ledger
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(version("earnd"), prog_name="earnd")
def earnd() -> None:
    """Keeps the idle coins of an exchange account earning, and writes down every move.

    New here? `earnd demo` needs no account and shows the whole story in seconds.
    """


for _command in (
    demo,
    sandbox,
    run_daemon,
    once,
    plan,
    check,
    status,
    actions,
    audit,
    resolve,
    migrate,
    config,
):
    earnd.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Runs one command; answers its exit code, having said on stderr what went wrong."""
    try:
        result = earnd.main(args=list(arguments), prog_name="earnd", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort:
        click.echo("earnd: interrupted", err=True)
        return 130
    except EarndError as error:
        click.echo(f"earnd: {error}" if not _lists(error) else str(error), err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`earnd actions | head`); that is no finding.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FINE
    return result if isinstance(result, int) else ExitCode.FINE


def _lists(error: EarndError) -> bool:
    """Whether the message begins with a list of its own, one `file:line: …` a line."""
    return bool(getattr(error, "problems", ()))
