"""YAML as a tree of text with places: nothing is turned into a number, a date or a truth value.

YAML 1.1 reads `010` as eight, `1:30` as ninety, `1_000` as a thousand and the coin `NO` as false.
Here every scalar stays the characters that were typed, and only the reader of a key
(`earnd.config.values`) says what they mean. Events are read rather than nodes, so that an alias
is refused where it stands and never expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

import yaml

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"
Path: TypeAlias = tuple[str | int, ...]

MAX_DEPTH: Final = 16
"""The deepest key that exists lies six levels down; more is a slip or an attack on the stack."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})

_HINTS: Final = (
    ("while scanning an alias", "text that begins with * needs quotes, like \"*\" or '*/15'"),
    ("while scanning an anchor", "text that begins with & needs quotes"),
    (r"character '\t'", "a tab: YAML is indented with spaces"),
    ("that cannot start any token", "text that begins with %, @ or ` needs quotes"),
    (
        "mapping values are not allowed",
        "a colon where none can be; look at the indentation, the line above, and missing quotes",
    ),
    ("could not find expected ':'", "a colon and a blank are missing after the key"),
    ("expected <block end>", "indented differently from its neighbours"),
    ("unexpected end of stream", "a quote is opened and never closed"),
    ("expected ',' or ']'", "a [ is opened and not closed, or a comma is missing"),
    ("expected ',' or '}'", "a { is opened and not closed, or a comma is missing"),
    ("unknown escape character", "a backslash in double quotes is an escape; use single quotes"),
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the file, counted from 1 as editors do."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to correct. `exact` where the column helps to find it."""

    place: Place
    path: Path
    text: str
    exact: bool = False


@dataclass(slots=True)
class Reading:
    """What a file says, where it says it, and what is wrong with its form.

    `whole` is false if reading stopped before the end; `data` is then not worth judging.
    A value whose path is `spoiled` was refused already, and what it would mean is not known.
    """

    data: Tree = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    spoiled: set[Path] = field(default_factory=set)
    whole: bool = True

    def refuse(self, place: Place, path: Path, text: str, *, exact: bool = False) -> None:
        """Notes a mistake and goes on, so that all of them are told at once."""
        self.mistakes.append(Mistake(place, path, text, exact))

    def place_of(self, path: Path, *, key: bool = False) -> Place:
        """Where the value (or its key) stands; for what is not there, what would hold it."""
        while path:
            first, second = (self.keys, self.values) if key else (self.values, self.keys)
            place = first.get(path) or second.get(path)
            if place:
                return place
            path = path[:-1]
        return Place(1, 1)


class _StopReadingError(Exception):
    """The rest of the file cannot be understood."""

    def __init__(self, place: Place, path: Path, text: str) -> None:
        super().__init__(text)
        self.place = place
        self.path = path
        self.text = text


def read_tree(text: str) -> Reading:
    """The tree of the one document in `text`; never raises for what stands in it."""
    reading = Reading()
    try:
        _Reader(reading, yaml.parse(text, Loader=yaml.SafeLoader)).document()
    except _StopReadingError as stop:
        reading.refuse(stop.place, stop.path, stop.text, exact=True)
        reading.whole = False
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        reading.refuse(place, (), "a control character, which no text file holds", exact=True)
        reading.whole = False
    except yaml.MarkedYAMLError as error:
        reading.refuse(_place(error.problem_mark), (), _plain_words(error), exact=True)
        reading.whole = False
    except ValueError:
        # PyYAML turns \U00110000 and long version numbers into these without a look at them.
        near = max(reading.values.values(), default=Place(1, 1))
        reading.refuse(
            near, (), "an escape or a number beyond what there is, from here", exact=True
        )
        reading.whole = False
    return reading


class _Mark(Protocol):
    line: int
    column: int


def _place(mark: _Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _plain_words(error: yaml.MarkedYAMLError) -> str:
    # PyYAML's snippet of the line is left out on purpose: it may show a misplaced secret.
    said = f"{error.context or ''} {error.problem or ''}"
    for fragment, words in _HINTS:
        if fragment in said:
            return words
    return f"not YAML ({error.problem})"


class _Reader:
    def __init__(self, reading: Reading, events: Iterator[yaml.Event]) -> None:
        self._reading = reading
        self._events = events

    def document(self) -> None:
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _StopReadingError(
                Place(1, 1), (), "the file is empty; {} would mean every default"
            )
        self._reading.data = self._node(next(self._events), ())
        next(self._events)  # the end of the document
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise _StopReadingError(
                _place(following.start_mark), (), "a second document begins; one is read"
            )

    def _node(self, event: yaml.Event, path: Path) -> Tree:
        place = _place(event.start_mark)
        self._reading.values[path] = place
        if isinstance(event, yaml.AliasEvent):
            self._reading.spoiled.add(path)
            self._reading.refuse(
                place, path, "aliases (*) are not used here; text that begins with * needs quotes"
            )
            return None
        self._refuse_decoration(event, place, path)
        if len(path) >= MAX_DEPTH:
            raise _StopReadingError(place, path[:3], f"more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, place, path)

    def _refuse_decoration(self, event: yaml.Event, place: Place, path: Path) -> None:
        if getattr(event, "anchor", None) is not None:
            self._reading.refuse(place, path, "anchors (&) are not used here")
        if getattr(event, "tag", None) is not None:
            self._reading.refuse(place, path, "tags (!) are not used here")

    def _scalar(self, event: yaml.Event, place: Place, path: Path) -> str | None:
        value: str = getattr(event, "value", "")
        if getattr(event, "style", None) is None and value in _NULLS:
            return None
        if not value.isprintable():
            self._reading.spoiled.add(path)
            self._reading.refuse(place, path, "text over several lines, or a control character")
        return value

    def _sequence(self, path: Path) -> list[Tree]:
        result: list[Tree] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            result.append(self._node(event, (*path, len(result))))
        return result

    def _mapping(self, path: Path) -> dict[str, Tree]:
        result: dict[str, Tree] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            inner = (*path, key)
            place = _place(event.start_mark)
            if key in result:
                first = self._reading.keys[inner].line
                self._reading.refuse(place, inner, f"written twice, first in line {first}")
                # Read into a tree of its own, so that the first one's places stay.
                kept, self._reading = self._reading, self._apart()
                self._node(next(self._events), inner)
                self._reading = kept
                continue
            self._reading.keys[inner] = place
            result[key] = self._node(next(self._events), inner)
        return result

    def _apart(self) -> Reading:
        return Reading(mistakes=self._reading.mistakes)

    def _key(self, event: yaml.Event, path: Path) -> str:
        place = _place(event.start_mark)
        if not isinstance(event, yaml.ScalarEvent):
            raise _StopReadingError(place, path, "a key is wanted here, which is a plain word")
        self._refuse_decoration(event, place, path)
        key: str = event.value
        if not key.isprintable():
            raise _StopReadingError(place, path, "a key over several lines, or a control character")
        return key
