"""`peyvand serve`: one web and one worker process under one supervisor."""

import argparse

from django.conf import settings

from peyvand.config.processes import Supervisor, listen
from peyvand.config.speech import end_speech

NAME = "serve"
HELP = "run everything on this machine: the web process and the worker"
EXAMPLE = "PEYVAND_PORT=8080 peyvand serve"
NEEDS_DJANGO = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--host", help="address to listen on (PEYVAND_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (PEYVAND_PORT)")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    host = args.host or settings.PEYVAND_HOST
    port = settings.PEYVAND_PORT if args.port is None else args.port
    with listen(host, port) as listening:
        code = Supervisor(listening).run()
    end_speech()
    return code
