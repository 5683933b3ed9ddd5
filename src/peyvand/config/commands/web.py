"""`peyvand web`: the web process alone, as `peyvand serve` starts it, or as many as a larger installation wants."""

import argparse
import socket

from django.conf import settings

from peyvand.config.backups.finishing import finish
from peyvand.config.migrations import check_migrated
from peyvand.config.processes import follow, listen
from peyvand.config.web import serve

NAME = "web"
HELP = "run the web process alone"
EXAMPLE = "peyvand web --host 0.0.0.0 --port 8000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--host", help="address to listen on (PEYVAND_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (PEYVAND_PORT)")
    parser.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--lifeline", type=int, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    check_migrated()
    finish()
    if args.lifeline is not None:
        follow(args.lifeline)
    port = settings.PEYVAND_PORT if args.port is None else args.port
    serve(socket.socket(fileno=args.fd) if args.fd is not None else listen(args.host or settings.PEYVAND_HOST, port))
