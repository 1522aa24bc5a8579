"""The meeting's own questions as part of a form, and what was entered there."""

from datetime import date, datetime
from typing import Any

from server.database import Database
from server.meetings.models import Meeting
from server.registration.answers import Given, values_of
from server.registration.handed_in import Paper, files_of, let_go, wait, waiting_file
from server.registration.models import AnswerFile, Question, QuestionKind, Registration
from server.registration.question_fields import PaperField, field_of
from server.registration.questions import questions_put
from server.web.language import gettext


class Asking:
    """The questions that a form puts, what is known of the answers, and the fields once the form has them.

    At the desk nothing has to be answered in somebody's place, a consent is taken back and never given, and
    `confidential` says whether confidential questions are seen there.
    """

    def __init__(
        self,
        db: Database,
        meeting: Meeting,
        registration: Registration | None = None,
        *,
        now: datetime,
        confidential: bool = True,
        at_desk: bool = False,
    ) -> None:
        self.db, self.meeting, self.at_desk = db, meeting, at_desk
        self.registration = registration
        self.values = values_of(db, registration) if registration is not None else {}
        self.files = files_of(db, registration) if registration is not None else {}
        self.questions = [one for one in questions_put(db, meeting, now) if confidential or not one.confidential]
        if at_desk:
            self.questions = [
                one for one in self.questions if one.kind != QuestionKind.CONSENT or self.values.get(one.id)
            ]
        #: Question, field, and whether anything was entered there.
        self.fields: list[tuple[Question, Any, bool]] = []

    @property
    def in_parts(self) -> bool:
        """Whether the form is sent in parts (RFC 7578): with files, or with long texts, which are three times as long
        otherwise in most scripts, and then too much."""
        return any(one.kind == QuestionKind.FILE or one.long for one in self.questions)

    def put_into(self, form: Any, sent: Any) -> None:
        """Make a field of each question, with what was `sent`, or (None) with what is known.

        A form says in `asked` which fields it showed: what it did not show, and what a program does not name, stays.
        """
        shown = set(str(sent.get("asked", "")).split()) | set(getattr(sent, "names", ())) if sent is not None else set()
        for question in self.questions:
            name, known = question.field, self._known(question)
            needed = question.required and not self.at_desk
            words = form.meta.get_translations(form)
            # WTForms takes fields with a Form's class only; one that comes later is bound as it binds those
            field = field_of(question, known, needed=needed).bind(form=form, name=name, translations=words)
            form._fields[name] = field
            entered = sent is not None and (self.registration is None or name in sent or name in shown)
            if entered and question.kind == QuestionKind.FILE:
                self._look_for_waiting(question, field, sent)
            field.process(form.meta.wrap_formdata(form, sent) if entered else None, known)
            self.fields.append((question, field, entered))

    def _known(self, question: Question) -> Any:
        if question.kind == QuestionKind.FILE:
            return self.files.get(question.id)
        value = self.values.get(question.id)
        return date.fromisoformat(value) if question.kind == QuestionKind.DATE and value else value

    def _look_for_waiting(self, question: Question, field: PaperField, sent: Any) -> None:
        field.token = str(sent.get(f"kept-{question.key}", ""))
        field.waiting = waiting_file(self.db, question, field.token) if field.token else None
        field.removes = bool(sent.get(f"remove-{question.key}"))

    def answers(self) -> Given:
        """What was entered, by the question's id, once the form is valid; what was not asked is not in it."""
        return {
            question.id: _entered(question, field.data)
            for question, field, entered in self.fields
            if entered and not (isinstance(field.data, AnswerFile) and field.data is self.files.get(question.id))
        }

    def keep_files(self, now: datetime) -> None:
        """Keep the files of a form that comes back with faults elsewhere, so that they need not be chosen again."""
        for question, field, _ in self.fields:
            if isinstance(field.data, Paper) and not field.errors:
                kept = wait(self.db, self.meeting, question, field.data, now)
                if kept is None:
                    field.errors = [gettext("Please choose the file again.")]
                    continue
                if field.waiting is not None:
                    let_go(self.db, field.waiting.id)
                field.token, field.waiting = kept


def _entered(question: Question, data: Any) -> Any:
    if question.kind == QuestionKind.DATE:
        return data.isoformat() if data else None
    if question.kind == QuestionKind.CHOICES:
        return [option["key"] for option in question.options if option["key"] in (data or [])] or None
    return bool(data) if question.kind == QuestionKind.CONSENT else None if data == "" else data
