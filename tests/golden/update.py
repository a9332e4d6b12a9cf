"""Write the stored texts anew (``python -m tests.golden.update [NAME ...]``), to be reviewed."""

from __future__ import annotations

import sys

from tests.golden.listing import LISTINGS, NAMES, generated, stored


def main(names: list[str]) -> None:
    for name in names or NAMES:
        stored(name).write_text(generated(LISTINGS[name]), encoding="utf-8")
        print(stored(name))


if __name__ == "__main__":
    main(sys.argv[1:])
