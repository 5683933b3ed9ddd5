"""`python -m peyvand`: the same as the `peyvand` command."""

import sys

from peyvand.config.command import main

if __name__ == "__main__":
    sys.exit(main())
