"""A mount, a middleware and state in the composition root; a fixture for the tests."""

from tests.support.edits.edit import Edit, at_end, below, importing

MAIN = "app/main.py"
LINES = "    # -- Your own lines below this line; the template never writes there. --"

EXTEND = """\
    app.state.wishes = []
"""
SERVE = """\
    app.mount("/static", StaticFiles(directory="static", check_dir=False))
    app.add_middleware(GZipMiddleware, minimum_size=1_000_000)
"""
FIXTURE = '''\


@pytest.fixture
def words() -> str:
    """The words of a wish."""
    return "a lamp"
'''
SERVING = [
    importing(
        MAIN,
        "from fastapi.middleware.gzip import GZipMiddleware",
        "from fastapi.staticfiles import StaticFiles",
    ),
    Edit(MAIN, below(LINES, SERVE)),
]
EDITS = [
    Edit(MAIN, below(LINES, EXTEND)),
    Edit("tests/conftest.py", at_end(FIXTURE)),
]
