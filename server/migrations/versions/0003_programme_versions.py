"""The programme drafted, published in versions, and chosen from"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table('absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_absence_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('draft',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_draft_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', 'code', name=op.f('pk_draft'))
    )
    op.create_table('edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('undoes', sa.Integer(), nullable=True),
    sa.Column('undone_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_edit_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_edit_person_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edit')),
    sa.UniqueConstraint('meeting_id', 'number', name=op.f('uq_edit_meeting_id_number'))
    )
    with op.batch_alter_table('edit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_edit_person_id'), ['person_id'], unique=False)

    op.create_table('intake',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_intake_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_intake_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', 'person_id', name=op.f('pk_intake'))
    )
    op.create_table('private_feed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('handle', sa.String(length=20), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('revoked', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_private_feed_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_private_feed_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_private_feed')),
    sa.UniqueConstraint('handle', name=op.f('uq_private_feed_handle')),
    sa.UniqueConstraint('person_id', 'meeting_id', name=op.f('uq_private_feed_person_id_meeting_id'))
    )
    with op.batch_alter_table('private_feed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_private_feed_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('publication',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('note_language', sa.String(length=35), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('frame', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_publication_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_publication_person_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('meeting_id', 'number', name=op.f('pk_publication'))
    )
    with op.batch_alter_table('publication', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_publication_person_id'), ['person_id'], unique=False)

    op.create_table('waiver',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('case', sa.String(length=600), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_waiver_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_waiver_person_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiver')),
    sa.UniqueConstraint('meeting_id', 'case', name=op.f('uq_waiver_meeting_id_case'))
    )
    with op.batch_alter_table('waiver', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiver_person_id'), ['person_id'], unique=False)

    op.create_table('closure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_closure_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_closure_room_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closure'))
    )
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_closure_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_closure_room_id'), ['room_id'], unique=False)

    op.create_table('publication_entry',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id', 'number'], ['publication.meeting_id', 'publication.number'], name=op.f('fk_publication_entry_meeting_id_number'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', 'code', 'number', name=op.f('pk_publication_entry'))
    )
    op.create_table('chosen',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_chosen_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_chosen_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'session_id', name=op.f('pk_chosen'))
    )
    with op.batch_alter_table('chosen', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chosen_session_id'), ['session_id'], unique=False)

    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('edits', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('stamp', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('rules', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.alter_column('published_at',
               existing_type=sa.DateTime(timezone=True),
               nullable=True)

    # never in a batch: a table made anew takes its summaries with it, by cascade
    op.add_column('session', sa.Column('rev', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('session', sa.Column('repeats', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('session', sa.Column('expected', sa.Integer(), nullable=True))
    op.add_column('session', sa.Column('buffer', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('session', sa.Column('origin', sa.String(length=200), nullable=False, server_default=''))



def downgrade() -> None:
    """Go back to the one before."""
    # never in a batch: a table made anew takes its summaries with it, by cascade
    op.drop_column('session', 'origin')
    op.drop_column('session', 'buffer')
    op.drop_column('session', 'expected')
    op.drop_column('session', 'repeats')
    op.drop_column('session', 'rev')

    op.execute("DELETE FROM programme WHERE version = 0")  # only drafted
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.alter_column('published_at',
               existing_type=sa.DateTime(timezone=True),
               nullable=False)
        batch_op.drop_column('rules')
        batch_op.drop_column('stamp')
        batch_op.drop_column('edits')

    with op.batch_alter_table('chosen', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chosen_session_id'))

    op.drop_table('chosen')
    op.drop_table('publication_entry')
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_closure_room_id'))
        batch_op.drop_index(batch_op.f('ix_closure_meeting_id'))

    op.drop_table('closure')
    with op.batch_alter_table('waiver', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_waiver_person_id'))

    op.drop_table('waiver')
    with op.batch_alter_table('publication', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_publication_person_id'))

    op.drop_table('publication')
    with op.batch_alter_table('private_feed', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_private_feed_meeting_id'))

    op.drop_table('private_feed')
    op.drop_table('intake')
    with op.batch_alter_table('edit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_edit_person_id'))

    op.drop_table('edit')
    op.drop_table('draft')
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_absence_meeting_id'))

    op.drop_table('absence')
