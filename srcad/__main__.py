"""``python -m srcad``: see `srcad.cli`."""

from __future__ import annotations

import sys

from srcad.cli import main

if __name__ == "__main__":
    sys.exit(main())
