"""`simregistry products` and `simregistry compare`: what each product does, and where products differ."""

from __future__ import annotations

import argparse
import json

from simregistry.registry.products.product import NAMES, product, products
from simregistry.study.products.compare import compare_products
from simregistry.study.products.scenarios import SCENARIOS


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the parser."""
    listing = commands.add_parser(
        "products", aliases=["families"], help="say what each known registry does, field by field, with its source"
    )
    listing.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(NAMES)} (default: all)")
    listing.add_argument("--json", action="store_true", help="print one object for a program to read")
    listing.set_defaults(run=run_products)
    compare = commands.add_parser("compare", help="play one scenario on several registries, and show where they differ")
    compare.add_argument("scenario", choices=list(SCENARIOS), metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}")
    compare.add_argument("--products", "--families", metavar="A,B", help="only these (default: all)")
    compare.add_argument("--json", action="store_true", help="print one object for a program to read")
    compare.add_argument("--sources", action="store_true", help="also print where each behaviour is described")
    compare.set_defaults(run=run_compare)


def run_products(arguments: argparse.Namespace) -> int:
    """Print the descriptions of some products."""
    chosen = [product(name) for name in arguments.names] or list(products())
    if arguments.json:
        print(json.dumps({described.name: described.to_json() for described in chosen}, indent=1))
    else:
        print("\n\n".join(map(str, chosen)))
    return 0


def run_compare(arguments: argparse.Namespace) -> int:
    """Print the outcomes of one scenario."""
    names = [name.strip() for name in arguments.products.split(",")] if arguments.products else None
    comparison = compare_products(arguments.scenario, names)
    if arguments.json:
        print(json.dumps(comparison.to_json(), indent=1))
        return 0
    print(comparison, comparison.facts(), sep="\n\n")
    if arguments.sources:
        print(f"\n{comparison.sources()}")
    print(f"\n{comparison.sentence}")
    return 0
