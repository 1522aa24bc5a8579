"""Live summaries in several hands, languages and processes"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table('counted',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_counted'))
    )
    with op.batch_alter_table('counted', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_counted_until'), ['until'], unique=False)

    op.create_table('webhook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('renewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('rests_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_webhook_made_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_webhook_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_webhook_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    with op.batch_alter_table('webhook', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('webhook_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('offset', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fault', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['summary.session_id'], name=op.f('fk_delivery_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_delivery_webhook_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('webhook_id', 'session_id', name=op.f('uq_delivery_webhook_id_session_id'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_due_at'), ['due_at'], unique=False)

    op.create_table('presence',
    sa.Column('process', sa.String(length=32), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('followers', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['summary.session_id'], name=op.f('fk_presence_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('process', 'session_id', name=op.f('pk_presence'))
    )
    with op.batch_alter_table('presence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_presence_seen_at'), ['seen_at'], unique=False)

    op.create_table('writing',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('tab', sa.String(length=40), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_writing_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['summary.session_id'], name=op.f('fk_writing_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'tab', name=op.f('pk_writing'))
    )
    op.create_table('translation',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('lang', sa.String(length=35), nullable=False),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.Column('of_rev', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id', 'number'], ['paragraph.session_id', 'paragraph.number'], name=op.f('fk_translation_session_id_number'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'number', 'lang', name=op.f('pk_translation'))
    )
    # Plain ADD and DROP COLUMN: where a table is made anew, SQLite drops the old one and with it, by cascade, its paragraphs.
    op.add_column('entry', sa.Column('before', sa.Integer(), nullable=True))
    op.add_column('entry', sa.Column('of_rev', sa.Integer(), nullable=True))
    op.add_column('paragraph', sa.Column('place', sa.Integer(), nullable=False, server_default='0'))
    op.execute('UPDATE paragraph SET place = number')
    op.add_column('summary', sa.Column('locked_by', sa.String(length=200), nullable=False, server_default=''))


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_column('summary', 'locked_by')
    op.drop_column('paragraph', 'place')
    op.drop_column('entry', 'of_rev')
    op.drop_column('entry', 'before')
    op.drop_table('translation')
    op.drop_table('writing')
    with op.batch_alter_table('presence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_presence_seen_at'))

    op.drop_table('presence')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delivery_due_at'))

    op.drop_table('delivery')
    with op.batch_alter_table('webhook', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhook_meeting_id'))

    op.drop_table('webhook')
    with op.batch_alter_table('counted', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_counted_until'))

    op.drop_table('counted')
