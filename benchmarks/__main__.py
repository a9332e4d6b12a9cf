"""Print the tables of measurements; the exit code is 1 if a bar is missed."""

from __future__ import annotations

import benchmarks.threads  # noqa: F401  (first: before NumPy starts its threads)

import argparse  # isort: skip
import sys  # isort: skip

from benchmarks.overhead import overhead_table  # isort: skip
from benchmarks.tables import array_table, loop_table, size_table  # isort: skip

TABLES = {
    "overhead": overhead_table,
    "arrays": array_table,
    "sizes": size_table,
    "loops": loop_table,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", help=f"of {', '.join(TABLES)}; all if none is given")
    names = parser.parse_args().tables or list(TABLES)
    missed = []
    for name in names:
        if name not in TABLES:
            parser.error(f"no table {name!r}; there are {', '.join(TABLES)}")
        missed += TABLES[name]()
        print()
    for line in missed:
        print("missed:", line)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
