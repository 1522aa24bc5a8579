"""Registration whole: places, questions, history, reminders"""

import sqlalchemy as sa
from alembic import op

from server.registration.models import kept_for_search
from server.registration.places import organisation_key


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table('admission',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('turns', sa.Integer(), nullable=False),
    sa.Column('onsite', sa.Integer(), nullable=True),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('organisation', sa.Integer(), nullable=True),
    sa.Column('organisations', sa.JSON(), nullable=False),
    sa.Column('onsite_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_groups', sa.JSON(), nullable=False),
    sa.Column('offer_hours', sa.Integer(), nullable=True),
    sa.Column('asks_gender', sa.Boolean(), nullable=False),
    sa.Column('asks_first_time', sa.Boolean(), nullable=False),
    sa.Column('notice', sa.JSON(), nullable=False),
    sa.Column('keep_days', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_admission_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', name=op.f('pk_admission'))
    )
    op.create_table('past_figure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(length=60), nullable=False),
    sa.Column('group', sa.String(length=60), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('unit', sa.String(length=200), nullable=False),
    sa.Column('source', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_past_figure_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_past_figure')),
    sa.UniqueConstraint('meeting_id', 'measure', 'group', 'source', name=op.f('uq_past_figure_meeting_id_measure_group_source'))
    )
    op.create_table('question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('label', sa.JSON(), nullable=False),
    sa.Column('hint', sa.JSON(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('attendance', sa.String(length=16), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('confidential', sa.Boolean(), nullable=False),
    sa.Column('keep_days', sa.Integer(), nullable=True),
    sa.Column('long', sa.Boolean(), nullable=False),
    sa.Column('lowest', sa.Integer(), nullable=True),
    sa.Column('highest', sa.Integer(), nullable=True),
    sa.Column('megabytes', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_question_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sa.UniqueConstraint('meeting_id', 'key', name=op.f('uq_question_meeting_id_key'))
    )
    op.create_table('reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.JSON(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('filters', sa.JSON(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_to', sa.Integer(), nullable=False),
    sa.Column('reached', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_reminder_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reminder_person_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_reminder_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('answer',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_answer_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_answer_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('registration_id', 'question_id', name=op.f('pk_answer'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_question_id'), ['question_id'], unique=False)

    op.create_table('answer_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=True),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_answer_file_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_answer_file_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_file'))
    )
    with op.batch_alter_table('answer_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_file_hash'), ['hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_file_question_id'), ['question_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_file_registration_id'), ['registration_id'], unique=False)

    op.create_table('registration_history',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('before', sa.String(length=16), nullable=False),
    sa.Column('after', sa.String(length=16), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_registration_history_person_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_registration_history_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration_history'))
    )
    with op.batch_alter_table('registration_history', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registration_history_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_history_registration_id'), ['registration_id'], unique=False)

    op.add_column('meeting', sa.Column('registration_opens_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('meeting', sa.Column('registration_closes_at', sa.DateTime(timezone=True), nullable=True))

    op.add_column('registration', sa.Column('organisation_key', sa.String(length=400), nullable=False, server_default=''))
    op.add_column('registration', sa.Column('gender', sa.String(length=16), nullable=False, server_default=''))
    op.add_column('registration', sa.Column('first_time', sa.Boolean(), nullable=True))
    op.add_column('registration', sa.Column('searched', sa.String(length=900), nullable=False, server_default=''))
    op.add_column('registration', sa.Column('turn', sa.Integer(), nullable=True))
    op.add_column('registration', sa.Column('offer_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('registration', sa.Column('new_email', sa.String(length=320), nullable=False, server_default=''))
    op.add_column('registration', sa.Column('new_email_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('registration', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_registration_line', 'registration', ['meeting_id', 'state', 'turn'], unique=False)
    op.create_index('ix_registration_organisation', 'registration', ['meeting_id', 'organisation_key'], unique=False)
    op.create_index('ix_registration_places', 'registration', ['meeting_id', 'attendance', 'state', 'stakeholder_group'], unique=False)
    _never_number_two_letters_alike()

    _fill_in()


def _never_number_two_letters_alike() -> None:
    """SQLite gives the number of the last letter again once it is deleted, PostgreSQL never does."""
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table('letter', recreate='always', table_kwargs={'sqlite_autoincrement': True}):
            pass


def _fill_in() -> None:
    """Make of what is there what registering makes now: how an organisation is counted, what is searched, the line."""
    table = sa.table(
        'registration', *map(sa.column, ('id', 'given_name', 'family_name', 'organisation', 'organisation_key', 'searched'))
    )
    rows = op.get_bind().execute(sa.select(table)).all()
    for row in rows:
        known = {
            'organisation_key': organisation_key(row.organisation)[:400],
            'searched': kept_for_search(row.given_name, row.family_name, row.organisation),
        }
        op.get_bind().execute(table.update().where(table.c.id == row.id).values(known))


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_index('ix_registration_places', table_name='registration')
    op.drop_index('ix_registration_organisation', table_name='registration')
    op.drop_index('ix_registration_line', table_name='registration')
    op.drop_column('registration', 'erased_at')
    op.drop_column('registration', 'new_email_until')
    op.drop_column('registration', 'new_email')
    op.drop_column('registration', 'offer_until')
    op.drop_column('registration', 'turn')
    op.drop_column('registration', 'searched')
    op.drop_column('registration', 'first_time')
    op.drop_column('registration', 'gender')
    op.drop_column('registration', 'organisation_key')

    op.drop_column('meeting', 'registration_closes_at')
    op.drop_column('meeting', 'registration_opens_at')

    with op.batch_alter_table('registration_history', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_registration_history_registration_id'))
        batch_op.drop_index(batch_op.f('ix_registration_history_person_id'))

    op.drop_table('registration_history')
    with op.batch_alter_table('answer_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_file_registration_id'))
        batch_op.drop_index(batch_op.f('ix_answer_file_question_id'))
        batch_op.drop_index(batch_op.f('ix_answer_file_hash'))

    op.drop_table('answer_file')
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_question_id'))

    op.drop_table('answer')
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reminder_meeting_id'))
        batch_op.drop_index(batch_op.f('ix_reminder_due_at'))

    op.drop_table('reminder')
    op.drop_table('question')
    op.drop_table('past_figure')
    op.drop_table('admission')
