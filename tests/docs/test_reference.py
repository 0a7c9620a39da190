"""The tables of the pages against the code that they describe, and the links between pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from earnd.cli.main import earnd
from earnd.config.coin import CoinSection
from earnd.config.model import Config
from earnd.domain.answer import Consequence
from earnd.errors import ExitCode
from earnd.exchange.bitmart.codes import CODES
from tests.docs.generated import DOCS, PARTS, between_markers, key_rows
from tests.docs.pages import EVERY_PAGE, PAGES, headings, links


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_what_is_made_from_the_code_is_up_to_date(name: str) -> None:
    page, make = PARTS[name]
    found = between_markers(name).search(text_of(page))
    assert found is not None
    assert found[2] == make() + "\n", "run: python tests/docs/generated.py --write"


def test_every_key_of_the_configuration_is_explained() -> None:
    page = text_of("configuration.md")
    for keys in (Config, CoinSection):
        for key, _, _ in key_rows(keys):
            assert f"| `{key}` |" in page


def test_every_key_has_a_description() -> None:
    for keys in (Config, CoinSection):
        assert all(description for _, _, description in key_rows(keys))


def test_the_exit_codes_on_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| ([0-9]) \| ", text_of("install.md"), re.MULTILINE)
    assert [int(row) for row in rows] == [code.value for code in ExitCode]


def test_the_codes_that_refuse_our_key_are_those_of_the_table() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d{5}) \| ", text_of("keys.md"), re.MULTILINE)}
    ends_us = {Consequence.FIX_CREDENTIALS, Consequence.FIX_CLOCK}
    assert told == {code for code, row in CODES.items() if row.consequence in ends_us}


def every_command(group: click.Group, above: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{above} {name}")
        else:
            yield f"{above} {name}"


def test_every_command_appears_on_some_page() -> None:
    everything = "\n".join(page.read_text(encoding="utf-8") for page in EVERY_PAGE)
    for command in every_command(earnd, "earnd"):
        assert re.search(rf"{command}\b", everything), command


def test_every_command_that_a_page_names_exists() -> None:
    known = set(earnd.list_commands(click.Context(earnd)))
    for page in PAGES:
        named = re.findall(
            r"(?:`|^[$#] |-u earnd )earnd ([a-z]+)", page.read_text("utf-8"), re.MULTILINE
        )
        assert set(named) <= known, page.name


def test_a_command_that_does_not_exist_yet_is_named_only_to_say_so() -> None:
    lines = [
        line
        for page in PAGES
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.search(r"earnd (doctor|report)\b", line)
    ]
    assert all("does not exist yet" in line for line in lines), lines


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_sentence_has_a_line_of_its_own(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for line in text.splitlines():
        if line.startswith(("|", "#", "<", "-", " ")) or re.match(r"[0-9]+\. ", line):
            continue
        assert not re.search(r"[a-z`)]\. [A-Z]", line), line
