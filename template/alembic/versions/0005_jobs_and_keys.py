"""Merge of jobs and idempotency keys, of which either may come first.

Revision ID: 0005
Revises: 0003, 0004
"""

revision: str = "0005"
down_revision: str | tuple[str, ...] | None = ("0003", "0004")
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    """Both branches made their tables."""


def downgrade() -> None:
    """Both branches drop their tables."""
