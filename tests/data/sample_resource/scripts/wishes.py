"""Prints a wish."""

import click


@click.command()
def main() -> None:
    """Print a wish."""
    click.echo("a lamp")


if __name__ == "__main__":
    main()
