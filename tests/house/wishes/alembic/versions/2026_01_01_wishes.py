"""Wishes.

Revision ID: 5e2d1c0b9a87
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision: str = "5e2d1c0b9a87"
down_revision: str | tuple[str, ...] | None = "0002"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
    )


def downgrade() -> None:
    op.drop_table("wishes")
