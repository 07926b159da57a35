"""The lifecycle drawn: Mermaid and DOT text, with labels in the language of the moment.

Forty arrows say less than twenty. Events between the same two states share an arrow; an event that leaves many states
for one starts from a node that stands for them all; one that goes back leads to “the state before”; and events that
leave the state as it is are listed below.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from textwrap import wrap

from attrs import frozen

from states.declaration.marks import harmless
from states.declaration.model import Declaration
from states.language import _, enumeration
from states.lifecycle.effects import effect_of
from states.lifecycle.landmarks import landmarks
from states.lifecycle.machine import START, machine_of, sources_of

MANY = 4  # states from which an event is drawn once for them all
BEFORE = "@before"  # a node that is no state, as START; a group of states is "@from_1", "@from_2"…
FILLS = {"lab": "#dbe9f6", "requester": "#fdebc8", "both": "#e0f0dc", "": "#f1f1f1"}  # by who is expected to act
INK, GREY, LINE = "#1b1b1b", "#5f6368", "#8a8f98"
WIDTH = 26  # characters of a line inside the picture
NOTE_WIDTH = 150  # and of a line below it


@frozen
class Arrow:
    """An arrow from one node to another. `many`: it starts from a group of states, or leads back."""

    source: str
    target: str
    labels: tuple[str, ...]
    many: bool = False


@frozen
class Picture:
    """What is drawn, whatever it is drawn with; the texts are in the language of the moment."""

    title: str
    nodes: Mapping[str, str]  # the states, then the nodes that stand for others, each with its text
    aside: tuple[str, ...]  # the nodes that no single state leads to
    arrows: tuple[Arrow, ...]
    staying: tuple[str, ...]  # the events that leave the state as it is

    def sentences(self) -> list[str]:
        """The picture for whoever does not see it, one arrow a line."""
        found = [
            _(
                "{source} → {target}: {events}",
                source=self.nodes[a.source],
                target=self.nodes[a.target],
                events=", ".join(a.labels),
            )
            for a in self.arrows
        ]
        return [*found, f"{_without_change()} {', '.join(self.staying)}"]


def picture(declaration: Declaration) -> Picture:
    """The lifecycle as nodes and arrows."""
    groups: dict[str, str] = {}  # what a group of states is called -> its node
    found: dict[tuple[str, str, bool], list[str]] = {}
    for code, event in declaration.events.items():
        for target, sources in _targets(declaration, code).items():
            many = effect_of(event).goes_back or len(sources) >= MANY
            if many and len(sources) > 1:
                sources = [groups.setdefault(_called(declaration, set(sources)), f"@from_{len(groups) + 1}")]
            for source in sources:
                found.setdefault((source, target, many), []).append(_label(declaration, code, source))
    arrows = tuple(Arrow(source, target, tuple(labels), many) for (source, target, many), labels in found.items())
    single = {node for arrow in arrows if not arrow.many for node in (arrow.source, arrow.target)}
    drawn = {node for arrow in arrows for node in (arrow.source, arrow.target)}
    nodes = {code: state.text for code, state in declaration.states.items()}
    others = {START: _("start"), BEFORE: _("the state before"), **{node: said for said, node in groups.items()}}
    nodes |= {node: text for node, text in others.items() if node in drawn}
    return Picture(
        title=_title(declaration),
        nodes=nodes,
        aside=tuple(node for node in nodes if node not in single),
        arrows=arrows,
        staying=tuple(event.text for event in declaration.events.values() if not event.moves),
    )


def _title(declaration: Declaration) -> str:
    if effect_of(declaration.events[declaration.creation]).makes_meeting:
        return _("{lab}: the lifecycle of an activity", lab=declaration.lab.name)
    return _("{lab}: the lifecycle of a request", lab=declaration.lab.name)


def _targets(declaration: Declaration, code: str) -> dict[str, list[str]]:
    """Where an event leads, and from which states."""
    event, machine, marks = declaration.events[code], machine_of(declaration), landmarks(declaration)
    effect = effect_of(event)
    if not event.moves:
        return {}
    if effect.goes_back:
        return {BEFORE: sources_of(machine, code)}
    found: dict[str, list[str]] = {}
    for transition in machine.get_transitions(code):
        source, target = str(transition.source), str(transition.dest)
        # Cancelling a meeting changes the state only where its interview was awaited.
        if not effect.cancels_meeting or (source, target) == (marks.interviewing, marks.fallback):
            found.setdefault(target, []).append(source)
    return found


def _label(declaration: Declaration, code: str, source: str) -> str:
    """The event's label, with the kind of request or of meeting when that is what opens this way."""
    guards = [name for edge in declaration.edges[code] if edge.source == source for name in edge.when]
    kinds = [declaration.kinds[name].text for name in guards if name in declaration.kinds]
    text = declaration.events[code].text
    if effect_of(declaration.events[code]).cancels_meeting:  # drawn only where the interview is awaited
        return _("{event} (the interview)", event=text)
    return f"{text} ({', '.join(kinds)})" if kinds else text


def _called(declaration: Declaration, states: set[str]) -> str:
    """What a group of states is called: by a word if there is one, else by its members."""
    active, final = set(declaration.group("active")), set(declaration.group("final"))
    if states == active | final:
        return _("any request")
    if states == final:
        return _("any finished request")
    if states <= active and len(active - states) <= 1:  # all but the one it leads to
        return _("any request in progress")
    return enumeration([state.text for code, state in declaration.states.items() if code in states], _("or"))


def _without_change() -> str:
    return _("Without changing the state:")


def _acting() -> dict[str, str]:
    """What the colours mean."""
    return {
        "lab": _("the lab acts"),
        "requester": _("the requester acts"),
        "both": _("both act"),
        "": _("the end"),
    }


# --- DOT ---

# Verdana is the widest of the usual faces: whichever a viewer draws in its place, the texts fit.
_DOT_STYLE = f"""\
  graph [rankdir=TB, newrank=true, nodesep=0.4, ranksep=0.4, pad=0.2, bgcolor=transparent]
  graph [fontname="Verdana", fontsize=13]
  node [shape=box, style="rounded,filled", fillcolor="{FILLS[""]}", color="{LINE}", margin="0.16,0.09"]
  node [fontname="Verdana", fontsize=13, fontcolor="{INK}"]
  edge [fontname="Verdana", fontsize=11, fontcolor="{INK}", color="{GREY}", arrowsize=0.7]"""


def dot(declaration: Declaration) -> str:
    """The lifecycle in the language of Graphviz."""
    drawn = picture(declaration)
    lines = [f"digraph {_quoted(drawn.title)} {{", _DOT_STYLE]
    lines += [_dot_node(declaration, drawn, node) for node in drawn.nodes if node not in drawn.aside]
    if drawn.aside:
        title = _("From several states")
        lines.append(f"  subgraph cluster_aside {{\n    label={_quoted(title)}; labelloc=t")
        lines.append('    style="rounded,dashed"; color="#b4b8bf"; margin=14')
        lines += ["  " + _dot_node(declaration, drawn, node) for node in drawn.aside]
        lines += [f"    {_quoted(above)} -> {_quoted(below)} [style=invis]" for above, below in _one_below(drawn)]
        lines.append("  }")
    for arrow in drawn.arrows:
        style = ", style=dashed" if arrow.many else ""
        label = _lines(f" {line} " for text in arrow.labels for line in wrap(text, WIDTH))
        lines.append(f"  {_quoted(arrow.source)} -> {_quoted(arrow.target)} [label={label}{style}]")
    lines.append(f"  graph [labelloc=b, labeljust=l, fontsize=11, label=<{_dot_legend(drawn)}>]")
    return harmless("\n".join([*lines, "}", ""]))


def _one_below(drawn: Picture) -> list[tuple[str, str]]:
    """What stands apart is put one under the other, beside the way: groups that lead to the same node, in one row."""
    rows: list[tuple[list[str], dict[str, None]]] = []
    for group in (node for node in drawn.aside if node.startswith("@from_")):
        targets = dict.fromkeys(arrow.target for arrow in drawn.arrows if arrow.source == group)
        if rows and not rows[-1][1].keys().isdisjoint(targets):
            rows[-1][0].append(group)
            rows[-1][1].update(targets)
        else:
            rows.append(([group], targets))
    above = [[target for target in targets if target in drawn.aside] for _groups, targets in rows]
    return [(ends[-1], group) for ends, (groups, _t) in zip(above, rows[1:], strict=False) for group in groups if ends]


def _dot_node(declaration: Declaration, drawn: Picture, node: str) -> str:
    if node == START:
        return f'  {_quoted(node)} [shape=circle, label="", width=0.16, fillcolor="{INK}"]'
    state, text = declaration.states.get(node), _lines(wrap(drawn.nodes[node], WIDTH))
    if state is None:
        return f'  {_quoted(node)} [label={text}, style="rounded,dashed", fontcolor="{GREY}"]'
    border = ", peripheries=2" if state.final else ""
    return f'  {_quoted(node)} [label={text}, fillcolor="{FILLS[state.owes]}"{border}]'


def _dot_legend(drawn: Picture) -> str:
    cells = "".join(
        f'<TD BGCOLOR="{FILLS[owes]}" STYLE="ROUNDED">{escape(text)}</TD>' for owes, text in _acting().items()
    )
    unbroken = (text.replace(" ", "\N{NO-BREAK SPACE}") for text in drawn.staying)
    listed = [
        f"<B>{escape(_without_change())}</B>",
        *map(escape, wrap("\N{NO-BREAK SPACE}· ".join(unbroken), NOTE_WIDTH)),
    ]
    # In the colour of what stands on the page itself, which a dark page changes.
    lines = (f'<FONT COLOR="{GREY}">{line}</FONT>' for line in listed)
    rows = "".join(f'<TR><TD COLSPAN="5" ALIGN="LEFT" CELLPADDING="1">{line}</TD></TR>' for line in lines)
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4" CELLPADDING="5">'
    apart = '<TR><TD COLSPAN="5" HEIGHT="20"></TD></TR>'
    return f"{table}{apart}<TR>{cells}<TD></TD></TR>{rows}</TABLE>"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return f'"{escaped}"'


def _lines(lines: Iterable[str]) -> str:
    return '"' + "\\n".join(_quoted(line)[1:-1] for line in lines) + '"'


# --- Mermaid ---

_BRACES = {ord("{"): "(", ord("}"): ")"}  # what would end a description


def mermaid(declaration: Declaration) -> str:
    """The lifecycle in the language of Mermaid, as a flowchart."""
    drawn = picture(declaration)
    lines = ["---", f"title: {json.dumps(drawn.title, ensure_ascii=False)}", "---", "flowchart TB"]
    lines += ["  accDescr {", *(f"    {line.translate(_BRACES)}" for line in drawn.sentences()), "  }"]
    beside = [node for node in drawn.nodes if node not in drawn.aside]
    for name, title, nodes in (("main", " ", beside), ("aside", _("From several states"), drawn.aside)):
        if nodes:
            lines += [f"  subgraph {name}[{_mermaid_text(title)}]", "    direction TB"]
            lines += [*("    " + _mermaid_node(declaration, drawn, node) for node in nodes), "  end"]
    for arrow in drawn.arrows:
        line, label = "-.->" if arrow.many else "-->", _mermaid_text("\n".join(arrow.labels))
        lines.append(f"  {_mermaid_id(arrow.source)} {line}|{label}| {_mermaid_id(arrow.target)}")
    lines.append("  main ~~~ aside ~~~ legend" if drawn.aside else "  main ~~~ legend")
    return harmless("\n".join([*lines, *_mermaid_legend(drawn), *_mermaid_style(declaration, drawn), ""]))


def _mermaid_node(declaration: Declaration, drawn: Picture, node: str) -> str:
    if node == START:
        return f"{_mermaid_id(node)}(( ))"
    state, text = declaration.states.get(node), _mermaid_text(drawn.nodes[node])
    return f"{_mermaid_id(node)}([{text}])" if state and state.final else f"{_mermaid_id(node)}({text})"


def _mermaid_legend(drawn: Picture) -> list[str]:
    """A row of notes under the picture."""
    keys = {f"n_key_{owes or 'end'}": said for owes, said in _acting().items()}
    listed = [_without_change(), *drawn.staying]
    notes = {f"n_note_{n}": "\n".join(listed[n : n + 6]) for n in range(0, len(listed), 6)}
    lines = [f"    {node}([{_mermaid_text(said)}])" for node, said in keys.items()]
    lines += [f"    {node}[{_mermaid_text(said)}]" for node, said in notes.items()]
    lines += [f"    {' ~~~ '.join([*keys, *notes])}", "  end", "  style legend fill:none,stroke:none"]
    lines += [f"  style {node} fill:none,stroke:none" for node in notes]
    return [f"  subgraph legend[{_mermaid_text(' ')}]", "    direction LR", *lines]


def _mermaid_style(declaration: Declaration, drawn: Picture) -> list[str]:
    lines = []
    for owes, fill in FILLS.items():
        name, width = owes or "end", "1px" if owes else "3px"
        members = [_mermaid_id(code) for code, state in declaration.states.items() if state.owes == owes]
        lines.append(f"  classDef is_{name} fill:{fill},stroke:{LINE},stroke-width:{width},color:{INK}")
        lines.append(f"  class {','.join([f'n_key_{name}', *members])} is_{name}")
    lines.append(f"  classDef is_many fill:none,stroke:{LINE},stroke-dasharray:5,color:{GREY}")
    others = [_mermaid_id(node) for node in drawn.nodes if node.startswith("@") and node != START]
    lines += [f"  class {','.join(others)} is_many"] if others else []
    lines.append("  style main fill:none,stroke:none")
    lines += [f"  style aside fill:none,stroke:{LINE},stroke-dasharray:5"] if drawn.aside else []
    return [*lines, f"  style {_mermaid_id(START)} fill:{INK},stroke:{INK}"]


def _mermaid_id(node: str) -> str:
    """A name that is no word of Mermaid's, whatever the code."""
    plain = "".join(
        c if c.isascii() and c.isalnum() else "_" if c == "_" else f"_{ord(c):x}_" for c in node.lstrip("@")
    )
    return f"{'n' if node.startswith('@') else 's'}_{plain}"


def _mermaid_text(text: str) -> str:
    """A quoted text; what Mermaid or its Markdown would read as a sign is written as an entity."""
    found = "".join(f"#{ord(c)};" if c in '#"`<>&*_\\[](){}|;' else c for c in text)
    return '"' + found.replace("\n", "<br>") + '"'
