"""What is wrong with the letters of a declaration: no text, a text that is no template, a placeholder nobody fills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from states.declaration.letters import PLACEHOLDERS, Placeholder, environment, source, text_file
from states.declaration.model import Declaration
from states.declaration.tables import Letter
from states.errors import did_you_mean
from states.language import LANGUAGES, _
from states.verification.tables import Found

if TYPE_CHECKING:
    from jinja2 import nodes

Scope = dict[str, Placeholder | None]  # None: anything may be asked of it

LONGEST = 20_000  # characters of a letter: eight pages


class Fault(NamedTuple):
    """Something wrong in the text of a letter, at one of its lines."""

    code: str
    line: int
    message: str


def letters(declaration: Declaration) -> Iterator[Found]:
    """What is wrong with the table of a letter."""
    for code, letter in declaration.letters.items():
        if letter.off:
            continue
        for language in LANGUAGES:
            if language not in letter.content:
                file = text_file(code, language)
                said = _("This letter has no text: write {file} beside the declaration.", file=file)
                yield "no_letter_text", ("letters", code), said
        if not (letter.after or letter.due):
            said = _("Nothing says when this letter leaves: after = [an event], or due = [a deadline].")
            yield "letter_never_leaves", ("letters", code), said
        for language in letter.content.keys() - set(LANGUAGES):
            said = _("“{given}” is no language of the product.", given=language) + did_you_mean(language, LANGUAGES)
            yield "letter_language", ("letters", code, "content", language), said


def faults(declaration: Declaration) -> Iterator[tuple[str, str, Fault]]:
    """What is wrong in the texts: the code of the letter, its language, the fault."""
    for code, letter in declaration.letters.items():
        for language, text in letter.content.items():
            yield from ((code, language, fault) for fault in _of_text(text, names_for(declaration, letter)))


def names_for(declaration: Declaration, letter: Letter) -> Mapping[str, Placeholder]:
    """What a letter may name: what its events are given and the fields of the form are those of this declaration."""
    events = [declaration.events[code] for code in letter.after]
    given = dict.fromkeys(name for event in events for name in declaration.keys_of(event))
    fields = [name for name in declaration.form if "." not in name]
    parts = {"given": tuple(given), "form": tuple(fields)}
    return {name: one._replace(parts=parts.get(name, one.parts)) for name, one in PLACEHOLDERS.items()}


def _of_text(text: str, names: Mapping[str, Placeholder]) -> Iterator[Fault]:
    from jinja2 import TemplateSyntaxError

    if not re.search(r"^# \S", text, re.M):
        yield Fault("letter_subject", 1, _("A letter begins with its subject, on a line of its own: # …"))
    if len(text) > LONGEST:
        yield Fault("letter_syntax", 1, _("A letter has at most {n} characters.", n=LONGEST))
        return
    try:
        environment().from_string(source(text))
        parsed = environment().parse(source(text))
    except TemplateSyntaxError as problem:
        yield Fault("letter_syntax", problem.lineno, _("not a template: {problem}", problem=problem.message or ""))
        return
    except RecursionError:
        yield Fault("letter_syntax", 1, _("not a template: {problem}", problem=_("it is nested too deep")))
        return
    yield from _walked(parsed.body, dict(names))


def _walked(found: Iterable[nodes.Node], scope: Scope) -> Iterator[Fault]:
    """The faults of some nodes, in order: what is set in one is known to the next."""
    from jinja2 import nodes

    for node in found:
        if isinstance(node, (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            yield Fault("letter_syntax", node.lineno, _("A letter is whole: it takes no other file."))
        elif isinstance(node, (nodes.Mul, nodes.Pow, nodes.Mod)):
            yield Fault("letter_syntax", node.lineno, _("A letter computes nothing: it says what it is given."))
        elif isinstance(node, nodes.For):
            yield from _walked([node.iter], scope)
            yield from _walked([*node.body, *node.else_], scope | _bound(node, scope))
        elif isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in scope:
                yield _unknown(node.name, scope, node.lineno)
        elif isinstance(node, nodes.Getattr) or (
            isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str)
        ):
            yield from _part(node, scope)
        else:
            if isinstance(node, nodes.Output):
                yield from _wholes(node, scope)
            yield from _walked(node.iter_child_nodes(), scope)
            if isinstance(node, (nodes.Assign, nodes.AssignBlock)):
                scope.update({name.name: None for name in node.find_all(nodes.Name) if name.ctx == "store"})


def _bound(loop: nodes.For, scope: Scope) -> Scope:
    """What a loop names: its element, with the parts of the list's."""
    from jinja2 import nodes

    source = next(loop.iter.find_all(nodes.Name), None) if not isinstance(loop.iter, nodes.Name) else loop.iter
    of = scope.get(source.name) if source else None
    element = of._replace(many=False) if of and of.many else None
    targets = [loop.target, *loop.target.find_all(nodes.Name)]
    return {"loop": None, **{name.name: element for name in targets if isinstance(name, nodes.Name)}}


def _part(node: nodes.Getattr | nodes.Getitem, scope: Scope) -> Iterator[Fault]:
    from jinja2 import nodes

    yield from _walked([node.node], scope)
    of = scope.get(node.node.name) if isinstance(node.node, nodes.Name) else None
    part = node.attr if isinstance(node, nodes.Getattr) else str(node.arg.as_const())
    if of is None or part in of.parts:
        return
    whole = node.node.name if isinstance(node.node, nodes.Name) else ""
    message = _("“{name}” has no part “{part}”.", name=whole, part=part)
    yield Fault("unknown_placeholder", node.lineno, message + did_you_mean(part, of.parts))


def _wholes(node: nodes.Output, scope: Scope) -> Iterator[Fault]:
    """What is written whole and has only parts to write."""
    from jinja2 import nodes

    for one in node.nodes:
        of = scope.get(one.name) if isinstance(one, nodes.Name) else None
        if isinstance(one, nodes.Name) and of and of.parts:
            part = f"{one.name}.{of.parts[0]}"
            message = _("“{name}” has parts: name one, such as {part}.", name=one.name, part=part)
            yield Fault("unknown_placeholder", one.lineno, message)


def _unknown(name: str, scope: Scope, line: int) -> Fault:
    return Fault("unknown_placeholder", line, _("“{name}” is no placeholder.", name=name) + did_you_mean(name, scope))
