"""Partner counts that fade with age (``illcore.history``), and what we lent to each partner.

What was counted before counts as of the beginning of 2026; a try that was not filled as taking the usual five days.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAMES = ("tries_weight", "fills_weight", "days_weight", "lent_weight")


def upgrade() -> None:
    for name in NAMES:
        op.add_column("ill_partner_stats", sa.Column(name, sa.Float, nullable=False, server_default="0"))
    op.execute(
        "UPDATE ill_partner_stats SET tries_weight = filled + unfilled, fills_weight = filled, "
        "days_weight = days_total + 5.0 * unfilled"
    )


def downgrade() -> None:
    with op.batch_alter_table("ill_partner_stats") as table:
        for name in NAMES:
            table.drop_column(name)
