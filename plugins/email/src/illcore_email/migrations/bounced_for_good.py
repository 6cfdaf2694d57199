"""What a bounce says of the mail that was ours."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("email_mail", sa.Column("undelivered", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("email_mail") as table:
        table.drop_column("undelivered")
