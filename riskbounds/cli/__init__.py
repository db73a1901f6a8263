"""The command line: `riskbounds COMMAND ...`. Answers go to stdout, errors as one line to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from riskbounds.errors import RiskboundsError

OK, BAD_INPUT, INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 a check says no, 2 bad input, 130 Ctrl-C."""
    try:
        from riskbounds.cli.parser import parse

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        command, options = parse(sys.argv[1:] if arguments is None else arguments)
        if command is None:
            return OK
        from riskbounds.cli.commands import COMMANDS

        answer = COMMANDS[command](options)
        text, code = (answer, OK) if isinstance(answer, str) else answer
        sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()
        return code
    except RiskboundsError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("this problem does not fit in memory; lower the sizes")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader went away: point stdout elsewhere, or the interpreter complains when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _fail(message: str) -> int:
    print(f"riskbounds: error: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT
