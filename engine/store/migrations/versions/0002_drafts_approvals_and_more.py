"""Drafts and proposals, migration orders, messages, notes of looks, searches, erasure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.store.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=400), nullable=True),
        sa.Column("at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_note")),
        sa.UniqueConstraint("key", name=op.f("uq_access_note_key")),
    )
    with op.batch_alter_table("access_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_note_sealed_id"), ["sealed", "id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("changed_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("ix_draft_tenant_id_status", ["tenant_id", "status"], unique=False)

    op.create_table(
        "installation",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("correlation", sa.String(length=200), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("tenant_path", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("sent_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("due_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("expires_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_kind_name_status_correlation"),
            ["kind", "name", "status", "correlation"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_message_status_due_at"), ["status", "due_at"], unique=False)

    op.create_table(
        "migration_batch",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("tenant_path", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.String(length=80), nullable=False),
        sa.Column("ordered_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("recompute", sa.Boolean(), nullable=False),
        sa.Column("undoes", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("touched_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_batch")),
    )
    with op.batch_alter_table("migration_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_migration_batch_procedure"), ["procedure"], unique=False)
        batch_op.create_index(batch_op.f("ix_migration_batch_undoes"), ["undoes"], unique=False)

    op.create_table(
        "override_review",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("own", sa.String(length=300), nullable=False),
        sa.Column("before", sa.String(length=300), nullable=False),
        sa.Column("after", sa.String(length=300), nullable=False),
        sa.Column("opened_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("closed_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override_review")),
    )
    with op.batch_alter_table("override_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_override_review_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("effective_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("proposed_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("decided_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "draft_editor",
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("seen_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_editor_draft_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_draft_editor_user_id")),
        sa.PrimaryKeyConstraint("draft_id", "user_id", name=op.f("pk_draft_editor")),
    )
    op.create_table(
        "draft_file",
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["file.digest"], name=op.f("fk_draft_file_digest")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_file_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "revision", "kind", "key", name=op.f("pk_draft_file")),
    )
    op.create_table(
        "draft_revision",
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("by_user", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_revision_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "revision", name=op.f("pk_draft_revision")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("instance_id", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("requested_at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("cleaned_at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_erasure_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasure_status"), ["status"], unique=False)

    op.create_table(
        "kept_search",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", engine.store.tables.columns.Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_kept_search_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_search")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_kept_search_user_id_name")),
    )
    op.create_table(
        "migration_item",
        sa.Column("batch_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("pins", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("former", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("at", engine.store.tables.columns.Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["migration_batch.id"], name=op.f("fk_migration_item_batch_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_migration_item_instance_id")),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_migration_item")),
    )
    with op.batch_alter_table("migration_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_migration_item_instance_id"), ["instance_id"], unique=False)

    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("effective_at", engine.store.tables.columns.Instant(length=27), nullable=True))
        batch_op.add_column(sa.Column("proposal_id", sa.String(length=80), nullable=True))

    with op.batch_alter_table("message_wait", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=12), server_default="message", nullable=False))
        batch_op.add_column(sa.Column("correlation", sa.String(length=200), server_default="", nullable=False))
        batch_op.create_index(
            batch_op.f("ix_message_wait_kind_message_status_correlation"),
            ["kind", "message", "status", "correlation"],
            unique=False,
        )

    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("source", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_resource_source"), "file", ["source"], ["digest"])


def downgrade() -> None:
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_resource_source"), type_="foreignkey")
        batch_op.drop_column("source")
        batch_op.drop_column("withdrawn")

    with op.batch_alter_table("message_wait", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_wait_kind_message_status_correlation"))
        batch_op.drop_column("correlation")
        batch_op.drop_column("kind")

    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.drop_column("proposal_id")
        batch_op.drop_column("effective_at")

    with op.batch_alter_table("migration_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_migration_item_instance_id"))

    op.drop_table("migration_item")
    op.drop_table("kept_search")
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_status"))
        batch_op.drop_index(batch_op.f("ix_erasure_instance_id"))

    op.drop_table("erasure")
    op.drop_table("draft_revision")
    op.drop_table("draft_file")
    op.drop_table("draft_editor")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_tenant_id"))

    op.drop_table("proposal")
    with op.batch_alter_table("override_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_override_review_tenant_id"))

    op.drop_table("override_review")
    with op.batch_alter_table("migration_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_migration_batch_undoes"))
        batch_op.drop_index(batch_op.f("ix_migration_batch_procedure"))

    op.drop_table("migration_batch")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_status_due_at"))
        batch_op.drop_index(batch_op.f("ix_message_kind_name_status_correlation"))

    op.drop_table("message")
    op.drop_table("installation")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index("ix_draft_tenant_id_status")

    op.drop_table("draft")
    with op.batch_alter_table("access_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_note_sealed_id"))

    op.drop_table("access_note")
