"""Those who bring the summary of a session out, and what they do, each in one word."""

from dataclasses import dataclass
from typing import Any

import httpx2

from server.meetings.queries import meeting_by_slug
from server.outputs.queries import output_by_slug
from tests.world import World

LIVE = "/igf2014/sessions/ws112/live"
DESK = "/igf2014/desk/outputs"
REVIEW = "/igf2014/desk/outputs/ws112"
DOCUMENT = "/igf2014/outputs/ws112"


@dataclass
class Office:
    """Programs of those who work on the document of session ws112, chaired by Ada Chair, who has an account."""

    plenary: World
    rapporteur: httpx2.Client
    chair: httpx2.Client
    organiser: httpx2.Client
    public: httpx2.Client

    def write(self, *texts: str, lang: str = "en") -> None:
        """Let the rapporteur write paragraphs."""
        for text in texts:
            answer = self.rapporteur.post(f"{LIVE}/paragraphs", json={"text": text, "lang": lang})
            assert answer.status_code == 201, answer.text

    def retract(self, paragraph: str, reason: str) -> None:
        """Let the rapporteur take a paragraph back."""
        assert (
            self.rapporteur.post(f"{LIVE}/paragraphs/{paragraph}/retract", json={"reason": reason}).status_code == 200
        )

    def set_status(self, status: str) -> None:
        """Let the rapporteur close the summary or open it again."""
        assert self.rapporteur.post(f"{LIVE}/status", json={"status": status}).status_code == 200

    def start(self) -> None:
        """Close the summary and take it into review."""
        self.set_status("closed")
        answer = self.rapporteur.post(f"{REVIEW}/review", json={})
        assert answer.status_code == 201, answer.text

    def edition(self) -> str:
        """The mark of the text that is in preparation."""
        with self.plenary.store.reading() as db:
            draft = output_by_slug(db, meeting_by_slug(db, "igf2014"), "ws112").draft
            assert draft is not None
            return draft.mark

    def edit(self, who: httpx2.Client, *, edition: str | None = None, **changes: Any) -> httpx2.Response:
        """Save the draft with some things changed."""
        with self.plenary.store.reading() as db:
            draft = output_by_slug(db, meeting_by_slug(db, "igf2014"), "ws112").draft
            assert draft is not None
            facts = {name: getattr(draft, name) for name in ("title", "lang", "chair", "rapporteur", "correction")}
        return who.post(REVIEW, json={"edition": edition or self.edition(), **facts, **changes})

    def act(self, who: httpx2.Client, what: str, **sent: Any) -> httpx2.Response:
        """Sign off, publish, discard, ... the text as it now stands."""
        return who.post(f"{REVIEW}/{what}", json={"edition": sent.pop("edition", None) or self.edition(), **sent})

    def bring_out(self) -> None:
        """Take the written summary all the way to the public."""
        self.start()
        assert self.act(self.chair, "sign-off").status_code == 200
        assert self.act(self.organiser, "publish").status_code == 200

    def correct(self, note: str, *texts: str) -> None:
        """Publish a correction with other paragraphs."""
        assert self.rapporteur.post(f"{REVIEW}/correction", json={"correction": note}).status_code == 201
        assert self.edit(self.rapporteur, text=list(texts), text_lang=["en"] * len(texts)).status_code == 200
        assert self.act(self.chair, "sign-off").status_code == 200
        assert self.act(self.organiser, "publish").status_code == 200
