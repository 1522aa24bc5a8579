"""A schedule file as one tree with the members that c3voc's JSON has, whether it is JSON or frab's XML."""

import json
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from server.loading import Refused
from server.schedule.foreign_entry import fit
from server.web.language import gettext


def schedule_in(name: str, content: bytes) -> Mapping[str, Any]:
    """The members of the schedule; `name` of the file helps to tell JSON from XML. Raises Refused."""
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_xml = text.startswith(b"<") or (name.lower().endswith(".xml") and not text.startswith(b"{"))
    return _schedule_in_xml(content) if is_xml else _schedule_in_json(content)


def refused(reason: str, line: int | None = None) -> Refused:
    """What is raised for a file that is none."""
    return Refused([(line, reason)])


def mapping(value: Any) -> Mapping[str, Any]:
    """The members of a value, if it has any."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Mapping[str, Any]]:
    """What is in a list and has members, if it is one."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _schedule_in_json(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content.decode(json.detect_encoding(content)).removeprefix("\ufeff"), object_hook=_fit)
    except json.JSONDecodeError as fault:
        raise refused(gettext("This is not JSON: %(fault)s") % {"fault": fault.msg}, fault.lineno) from fault
    except (ValueError, RecursionError) as fault:  # other bytes than text, numbers without end, a thousand brackets
        raise refused(gettext("This is neither schedule JSON nor schedule XML.")) from fault
    return mapping(mapping(document).get("schedule")) or mapping(document)


def _fit(told: dict[str, Any]) -> dict[str, Any]:
    """The same without what no text may have."""
    return {
        name: fit(value)
        if isinstance(value, str)
        else [fit(one) if isinstance(one, str) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in told.items()
    }


def _schedule_in_xml(content: bytes) -> Mapping[str, Any]:
    """The same members that JSON has."""
    parser = DefusedXMLParser(target=TreeBuilder(insert_pis=True, pi_factory=_instruction), forbid_dtd=True)
    try:
        parser.feed(content)
        root = parser.close()
    except ParseError as fault:
        raise refused(gettext("This is not XML: %(fault)s") % {"fault": fault}, fault.position[0]) from fault
    except (DefusedXmlException, ValueError, LookupError) as fault:
        raise refused(gettext("The file has a DTD, entities or an encoding that is not read.")) from fault
    conference = root.find("conference")
    facts: dict[str, Any] = {} if conference is None else {child.tag: child.text for child in conference}
    days = [{**day.attrib, "rooms": _rooms_in_xml(day)} for day in root.iter("day")]
    return {"conference": facts | {"days": days}, "plenary": _own_in_xml(root)}


def _instruction(target: str, told: str | None = None) -> Element:
    return Element(f"?{target}", {"told": told or ""})


def _rooms_in_xml(day: Element) -> dict[str, list[dict[str, Any]]]:
    rooms: dict[str, list[dict[str, Any]]] = {}
    for room in day.iterfind("room"):
        rooms.setdefault(room.get("name", ""), []).extend(map(_entry_in_xml, room.iterfind("event")))
    return rooms


def _entry_in_xml(element: Element) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for child in element:
        if child.tag in ("persons", "links"):
            entry[child.tag] = [{**one.attrib, "name": one.text, "url": one.get("href")} for one in child]
        else:
            entry[child.tag] = {one.tag: one.text for one in child} if len(child) else child.text
    return entry | dict(element.attrib)


def _own_in_xml(root: Element) -> Any:
    """What our own export keeps in a processing instruction."""
    told = next((child.get("told", "") for child in root if child.tag == "?plenary"), "{}")
    try:
        return json.loads(told, object_hook=_fit)
    except (ValueError, RecursionError):
        return {}
