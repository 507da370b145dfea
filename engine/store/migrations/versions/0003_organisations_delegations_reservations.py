"""What the third round of work added to the tables of the second."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.store.tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_change",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("planned_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("planned_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("settled_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change")),
    )
    with op.batch_alter_table("unit_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_change_status_since"), ["status", "since"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_change_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "delegation",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("principal_id", sa.String(length=80), nullable=False),
        sa.Column("deputy_id", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("begins_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("ends_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("given_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("ended_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["deputy_id"], ["user_account.id"], name=op.f("fk_delegation_deputy_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["user_account.id"], name=op.f("fk_delegation_principal_id")),
        sa.PrimaryKeyConstraint("id", "role", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_deputy_id_ends_at"), ["deputy_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_principal_id"), ["principal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "reservation",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("instance_id", sa.String(length=80), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("element", sa.String(length=120), nullable=False),
        sa.Column("pool", sa.String(length=200), nullable=False),
        sa.Column("slot", sa.String(length=200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_reservation_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint(
            "procedure", "pool", "slot", "place", name=op.f("uq_reservation_procedure_pool_slot_place")
        ),
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reservation_instance_id"), ["instance_id"], unique=False)

    with op.batch_alter_table("access_note", schema=None) as batch_op:
        batch_op.add_column(sa.Column("on_behalf_of", sa.String(length=80), server_default="", nullable=False))

    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("heir_id", sa.String(length=80), nullable=True))

    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("completed_for", sa.String(length=80), nullable=True))

    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purpose_key", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("purpose", sa.String(length=200), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_column("purpose")
        batch_op.drop_column("purpose_key")

    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_column("completed_for")

    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.drop_column("heir_id")
        batch_op.drop_column("closed_on")
        batch_op.drop_column("since")

    with op.batch_alter_table("access_note", schema=None) as batch_op:
        batch_op.drop_column("on_behalf_of")

    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reservation_instance_id"))

    op.drop_table("reservation")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_delegation_principal_id"))
        batch_op.drop_index(batch_op.f("ix_delegation_deputy_id_ends_at"))

    op.drop_table("delegation")
    with op.batch_alter_table("unit_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_change_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_unit_change_status_since"))

    op.drop_table("unit_change")
