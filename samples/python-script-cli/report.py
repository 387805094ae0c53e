#!/usr/bin/env python3
"""Summarises a CSV file of sales: total and best month for every product."""

import argparse
import csv
import pathlib
import sys
from collections import defaultdict

from tabulate import tabulate


def read(path):
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            yield row["product"], row["month"], float(row["amount"])


def summary(sales):
    products = defaultdict(dict)
    for product, month, amount in sales:
        products[product][month] = products[product].get(month, 0) + amount
    for product, months in sorted(products.items()):
        yield product, sum(months.values()), max(months, key=months.get)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=pathlib.Path, default="data/sales.csv")
    parser.add_argument("--format", default="simple", help="a table format, such as simple or github")
    options = parser.parse_args()
    if not options.file.is_file():
        print(f"{options.file}: no such file", file=sys.stderr)
        return 2
    rows = list(summary(read(options.file)))
    print(tabulate(rows, headers=["product", "total", "best month"], tablefmt=options.format, floatfmt=".2f"))
    print(f"{len(rows)} products, done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
