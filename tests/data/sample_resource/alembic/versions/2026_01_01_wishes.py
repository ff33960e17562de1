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
    op.create_table(
        "wish_votes",
        sa.Column("wish_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["wish_id"],
            ["wishes.id"],
            name=op.f("fk_wish_votes_wish_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_votes")),
        sa.UniqueConstraint("wish_id", "name", name=op.f("uq_wish_votes_wish_id_name")),
    )


def downgrade() -> None:
    op.drop_table("wish_votes")
    op.drop_table("wishes")
