"""Rule about passwords: only hashes are stored."""

import re

from sqlalchemy import LargeBinary, String

from app.models import Base

PASSWORD = re.compile(r"passw(or)?d|pass_?(phrase|code)|pwd", re.I)
HASH = re.compile(r"(^|_)(hash|hashed|digest)(_|$)", re.I)


def test_no_column_stores_a_plain_password() -> None:
    columns = [column for it in Base.metadata.tables.values() for column in it.columns]
    named = [c for c in columns if PASSWORD.search(c.name) and not HASH.search(c.name)]
    # A decorated type has an inner one. The date of a change is no password.
    kinds = {str(it): getattr(it.type, "impl_instance", it.type) for it in named}
    plain = [name for name, it in kinds.items() if isinstance(it, String | LargeBinary)]

    assert not plain, f"SEC-06: {plain} may store plain text"
