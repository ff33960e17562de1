"""An index of the words of wishes.

Revision ID: 6f3e2d1c0b98
Revises: 5e2d1c0b9a87
"""

from alembic import op

revision: str = "6f3e2d1c0b98"
down_revision: str | tuple[str, ...] | None = "5e2d1c0b9a87"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_index(op.f("ix_wishes_words"), "wishes", ["words"])


def downgrade() -> None:
    op.drop_index(op.f("ix_wishes_words"), "wishes")
