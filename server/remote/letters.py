"""How letters about webhooks are worded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import Database
from server.mail import Composer, Content
from server.meetings.models import Meeting
from server.remote.addresses import webhook_page
from server.remote.models import Delivery, Webhook
from server.remote.standing import in_words
from server.settings import Settings
from server.web.language import gettext
from server.web.render import render


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""

    def webhook_paused(db: Database, ids: Mapping[str, Any], _now: datetime) -> Content | None:
        webhook, delivery = db.get(Webhook, ids["webhook_id"]), db.get(Delivery, ids["delivery_id"])
        if webhook is None or delivery is None or webhook.active:
            return None  # it was seen to before the letter left
        meeting = db.get_one(Meeting, webhook.meeting_id)
        page = settings.base_url + webhook_page(meeting.slug, webhook.id)
        said = in_words(delivery.fault)
        text = render("remote/webhook_paused.txt", webhook=webhook, meeting=meeting, said=said, page=page)
        subject = gettext("The webhook “%(label)s” is paused") % {"label": webhook.label}
        return Content(subject, text, {page: gettext("See the webhook")})

    return {"remote.webhook_paused": webhook_paused}
