"""The command of the image, `python -m app.serve`, which takes uvicorn's options.

It checks the settings first: uvicorn restarts failing worker processes endlessly.
"""

from uvicorn.main import main as serve

from app.core.config import Settings


def main() -> None:
    """Run uvicorn. Raises SystemExit if a setting is missing or invalid."""
    seconds = Settings.read().shutdown.grace_seconds
    # The drain cancels the requests; a second later uvicorn drops the connections of
    # clients that do not read their responses. An option or variable overrides this.
    serve(default_map={"timeout_graceful_shutdown": seconds + 1})


if __name__ == "__main__":
    main()
