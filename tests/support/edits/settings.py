"""Own settings, with a group, and their environment variables."""

from tests.support.edits.edit import Edit, below, importing

CONFIG = "app/core/config.py"
LAST = "    # -- Your own settings below this line: `BILLING_URL` is `billing_url`. --"
VARIABLES = "# -- Your own variables below this line. --"

IMPORTS = [
    importing(CONFIG, "from app.core.wish_settings import WishSettings"),
]
EDITS = [
    Edit(
        CONFIG,
        below(
            LAST, '    wish: WishSettings = WishSettings()\n    billing_url: str = ""\n'
        ),
    ),
    Edit(
        ".env.example",
        below(VARIABLES, "# How much may be wished.\nWISH_LIMIT=100\nBILLING_URL=\n"),
    ),
]
