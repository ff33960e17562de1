"""The command of an image: the server, as soon as the settings are known to be good.

A server of several processes would replace each one that refuses them, for ever.
"""

from uvicorn.main import main as serve

from app.core.config import read_settings


def main() -> None:
    """Read the settings, then be uvicorn, with its options.

    Raises SystemExit, which names what is missing or wrong.
    """
    read_settings()
    serve()


if __name__ == "__main__":
    main()
