"""`touchline`: reads the command line, then does what it says."""

from __future__ import annotations

import argparse
import gc
import os
import sys

from engine.errors import EngineError
from terminal.cli import parse_args

BAD_INPUT = 2
"""The exit code for an argument, a file or a setting that is wrong."""
OWNER_ALONE = 0o077
"""What is masked of the mode of every file and folder that is made, whatever the shell's own mask is."""
FAULT = 1
"""The exit code for a fault of the program itself."""
SENTENCE_MAX = 2_000
"""Characters of what is said about what is wrong."""


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit code."""
    before = os.umask(OWNER_ALONE)
    try:
        return _run(parse_args(sys.argv[1:] if arguments is None else arguments))
    except EngineError as error:
        return _say(str(error), BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001  # whatever it is, its traceback may hold what nobody is to see
        return _say(_fault(error), FAULT)
    finally:
        os.umask(before)


def _say(sentence: str, code: int) -> int:
    """Print a sentence, which may hold words of a file or of a venue."""
    from engine.model.text import clean  # noqa: PLC0415  # only where something is wrong

    print(f"touchline: {clean(sentence, SENTENCE_MAX)}", file=sys.stderr)
    return code


def _fault(error: Exception) -> str:
    from engine.folders import standard_folders  # noqa: PLC0415  # only where something is wrong
    from terminal.fault import told  # noqa: PLC0415

    return told(error, standard_folders().logs)


def _run(options: argparse.Namespace) -> int:
    if options.print_completion:
        return _print_completion(options.print_completion)
    os.environ.setdefault("TEXTUAL_FPS", "240")  # read when Textual is imported; keys are painted sooner
    gc.disable()  # nothing that is loaded is garbage: the collector would walk it for nothing
    from terminal import commands  # noqa: PLC0415  # help and completion need none of it

    gc.enable()
    return commands.run(options)


def _print_completion(shell: str) -> int:
    import shtab  # noqa: PLC0415  # only for this

    from terminal.cli import build_parser  # noqa: PLC0415

    print(shtab.complete(build_parser(), shell))
    return 0


if __name__ == "__main__":
    sys.exit(main())
