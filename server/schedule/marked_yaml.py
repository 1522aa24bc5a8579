"""YAML as people write it by hand, with the line of every value and without what hides or multiplies data.

Plain scalars are text, whole numbers, true, false or nothing: `09:30`, `no` and `2014-09-02` stay the text that
was typed (YAML 1.1 would make of some a number of minutes, a refusal, a date).
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from server.loading import Refused
from server.web.language import gettext

#: Characters of a file; a programme of a thousand sessions has about half as many.
LARGEST = 2_000_000
#: Lists and mappings inside each other; a programme has five.
DEEPEST = 12
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Place = tuple[str | int, ...]
Fault = tuple[int | None, str]


@dataclass
class Marked:
    """What a file says: plain values, the line of each place in them, and what is wrong with its form."""

    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _blamed: set[Place] = field(default_factory=set)

    def line(self, place: Place) -> int:
        """The line of a place, else of what it would be in."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def blame(self, place: Place, reason: str) -> None:
        """Note a fault at a place; the first one of a place is enough."""
        if place in self._blamed:
            return
        self._blamed.add(place)
        words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        self.faults.append((self.line(place), f"{words}: {reason}" if words else reason))


class _Loader(yaml.SafeLoader):
    """Composes nodes, without anchors, aliases, tags or bottomless nesting."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (as PyYAML has it)
    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        coming = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(coming, AliasEvent) or coming.anchor is not None or coming.tag is not None:
            raise _fault(coming.start_mark.line, gettext("Anchors, aliases and tags (&, * and !) are not taken."))
        if self.depth >= DEEPEST:
            raise _fault(coming.start_mark.line, gettext("Lists and mappings are nested too deep."))
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"-?(0|[1-9][0-9]{0,17})", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


#: YAML 1.1 (4.2) also breaks lines here, 1.2 and editors do not: the lines we name must be those people see.
_NO_BREAKS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")


def read_marked(text: str) -> Marked:
    """The values of one YAML document. Raises Refused where no value can be made of it at all."""
    if len(text) > LARGEST:
        raise Refused([(None, gettext("The file is too long. It may have %(count)d characters.") % {"count": LARGEST})])
    try:
        node = _Loader(text.translate(_NO_BREAKS)).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _fault(mark.line if mark else 0, _not_yaml(error.problem or error.context)) from error
    except yaml.reader.ReaderError as error:
        raise _fault(text.count("\n", 0, error.position), _not_yaml(error.reason)) from error
    marked = Marked()
    if node is not None:
        marked.value = _value(node, (), marked)
    return marked


def _not_yaml(reason: object) -> str:
    return gettext("This is not YAML: %(reason)s.") % {"reason": reason}


def _fault(line: int, reason: str) -> Refused:
    return Refused([(line + 1, reason)])


def _value(node: Node, place: Place, marked: Marked) -> Any:
    """The plain value of a node; notes its line and its faults."""
    marked.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _mapping(node, place, marked)
    if isinstance(node, SequenceNode):
        return [_value(item, (*place, index), marked) for index, item in enumerate(node.value)]
    return _scalar(node.tag.rpartition(":")[2], str(node.value), place, marked)


def _mapping(node: MappingNode, place: Place, marked: Marked) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or _UNPRINTABLE.search(key.value):
            marked.faults.append((key.start_mark.line + 1, gettext("A key must be a word.")))
            continue
        inner = (*place, key.value)
        first = marked.lines.get(inner)
        marked.lines[inner] = key.start_mark.line + 1
        if key.value in made:
            marked.blame(inner, gettext("this stands here twice, first in line %(line)d") % {"line": first})
            continue
        made[key.value] = _value(value, inner, marked)
    return made


def _scalar(kind: str, text: str, place: Place, marked: Marked) -> str | int | bool | None:
    if kind == "str" and _UNPRINTABLE.search(text):
        marked.blame(place, gettext("there is a character in it that cannot be shown"))
        return None
    if kind == "null":
        return None
    if kind == "bool":
        return text == "true"
    return int(text) if kind == "int" else text
