"""What every section of the file has in common, and how a program walks over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails

from earnd.config.kinds import Written
from earnd.config.values import Mistakes


@dataclass(frozen=True, slots=True)
class Clash:
    """Keys that are each right and do not go together; the first is where it is told.

    `at` is the way to what is deeper in the section, where that is where it should be told.
    """

    keys: tuple[str, ...]
    text: str
    at: tuple[str | int, ...] = ()


class Keys(BaseModel):
    """Keys that are all known, with values that do not change and do not clash."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def clashes(self) -> Iterator[Clash]:
        """The rules across keys that are broken."""
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            section = handler(data)
        except ValidationError as error:
            raise cls._with_clashes(error, data, handler) from None
        if found := tuple(section.clashes()):
            raise _mistakes(found)
        return section

    @classmethod
    def _with_clashes(
        cls, error: ValidationError, data: Any, handler: ModelWrapValidatorHandler[Self]
    ) -> ValidationError:
        # Rules between the keys that are right are checked even though others are wrong, so that
        # correcting these does not bring new complaints.
        details = error.errors(include_url=False)
        wrong = {detail["loc"][0] for detail in details if detail["loc"]}
        if not isinstance(data, Mapping) or not wrong:
            return error
        section = handler({key: value for key, value in data.items() if key not in wrong})
        found = tuple(clash for clash in section.clashes() if wrong.isdisjoint(clash.keys))
        if not found:
            return error
        lines = [_line(detail["type"], detail["loc"], detail.get("ctx", {})) for detail in details]
        lines.append(_line("value_error", (), {"error": _mistakes(found)}))
        return ValidationError.from_exception_data(cls.__name__, lines)


def _line(kind: str, loc: tuple[str | int, ...], context: dict[str, Any]) -> InitErrorDetails:
    return InitErrorDetails(type=kind, loc=loc, input=None, ctx=context)


def _mistakes(found: tuple[Clash, ...]) -> Mistakes:
    return Mistakes(*((clash.at or clash.keys[:1], clash.text) for clash in found))


class Section(Keys):
    """Keys that may all be left out; a section with nothing under it says nothing."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_under_it(cls, data: Any) -> Any:
        return {} if data is None else data


KeysType: TypeAlias = type[Keys]
Shape: TypeAlias = "Written | KeysType | tuple[KeysType]"
"""A value, a section, or (in a tuple) any number of sections under names of the operator's."""


def shape_of(field: FieldInfo) -> Shape:
    """What stands under a key."""
    for mark in field.metadata:
        if isinstance(mark, Written):
            return mark
    if isinstance(field.annotation, type) and issubclass(field.annotation, Keys):
        return field.annotation
    for argument in get_args(field.annotation):
        if isinstance(argument, type) and issubclass(argument, Keys):
            return (argument,)
    raise TypeError(f"a field that is neither a value nor a section: {field!r}")


def shapes(keys: KeysType) -> Iterator[tuple[str, FieldInfo, Shape]]:
    """Every key of a section, in order."""
    for name, field in keys.model_fields.items():
        yield name, field, shape_of(field)


def keys_at(root: KeysType, path: tuple[str | int, ...]) -> KeysType | None:
    """The section that `path` leads to, or `None` where there is none."""
    here: Shape = root
    for step in path:
        if isinstance(here, tuple):
            here = here[0]
        elif isinstance(here, Written) or step not in here.model_fields:
            return None
        else:
            here = shape_of(here.model_fields[str(step)])
    return here if isinstance(here, type) else None


def homes_of(root: KeysType, name: str) -> list[str]:
    """The sections, as dotted paths, that know a key of this name."""
    found = [] if name not in root.model_fields else [""]
    for step, _, shape in shapes(root):
        if isinstance(shape, Written):
            continue
        inner, label = (shape[0], f"{step}.COIN") if isinstance(shape, tuple) else (shape, step)
        found += [f"{label}.{home}".rstrip(".") for home in homes_of(inner, name)]
    return found


def shown(section: Keys) -> dict[str, Any]:
    """The section as it is written in a file, every default included."""
    result: dict[str, Any] = {}
    for name, _, shape in shapes(type(section)):
        value = getattr(section, name)
        if isinstance(shape, Written):
            result[name] = shape.show(value)
        elif isinstance(value, Mapping):
            result[name] = {label: shown(inner) for label, inner in value.items()}
        else:
            result[name] = shown(value)
    return result
