"""How the sheets of the review look: formats of numbers and dates, widths, the row of headings that stays in sight."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

GENERATOR = "La Coopérative"
WIDTHS = (2.5, 4, 6, 9, 14)  # centimetres: enough differences to be read, few enough to be styles
SHEET = "ta1"  # the sheets' style in the library's empty document: it names the page they are printed on
# A4, lying, as many pages high as it takes and never two wide.
PAGE = {
    "fo:page-width": "29.7cm",
    "fo:page-height": "21cm",
    "style:print-orientation": "landscape",
    "style:scale-to-X": "1",
    "style:scale-to-Y": "0",
}
PER_CM = 4.6  # characters in a centimetre of the default font

_NAMES = (
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
)
# In both languages: the lab is in France.
_DAY = (
    '<number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
    '<number:text>/</number:text><number:year number:style="long"/>'
)


def _decimals(places: int) -> str:
    return (
        f'<number:number number:decimal-places="{places}" number:min-decimal-places="{places}" '
        'number:min-integer-digits="1" number:grouping="true"/>'
    )


def _euros(language: str) -> str:
    sign = f'<number:currency-symbol number:language="{language}">€</number:currency-symbol>'
    amount = _decimals(2)
    return f"{amount}<number:text>\u00a0</number:text>{sign}" if language == "fr" else f"{sign}{amount}"


def _formats(language: str) -> dict[str, tuple[str, str]]:
    """For each kind of value: the element that says how it is written, what stands in it."""
    space = "\u00a0" if language == "fr" else ""
    return {
        "date": ("date-style", _DAY),
        "count": ("number-style", _decimals(0)),
        "number": ("number-style", _decimals(1)),
        "days": ("number-style", _decimals(1)),
        "hours": ("number-style", _decimals(1)),
        "rate": ("percentage-style", f"{_decimals(0)}<number:text>{space}%</number:text>"),
        "euros": ("currency-style", _euros(language)),
    }


def styles(language: str) -> list[str]:
    """As XML, the styles of cells (`kind-rate`…, `words`, `blank`, `heading`…) and of columns (`width-4`…)."""
    # Without it a program would write numbers in the language of whoever opens the file.
    locale = f'number:language="{language}" number:country="{"FR" if language == "fr" else "GB"}"'
    found = []
    for kind, (element, content) in _formats(language).items():
        found.append(f'<number:{element} {_NAMES} style:name="as-{kind}" {locale}>{content}</number:{element}>')
        side = "start" if kind == "date" else "end"
        found.append(_cell_style(f"kind-{kind}", f'style:data-style-name="as-{kind}"', align=side))
    found.append(_cell_style("words", align="start", wrap=True))
    found.append(_cell_style("free", align="start"))  # a sentence, over the empty cells beside it
    found.append(_cell_style("title", align="start", text='fo:font-weight="bold"'))
    # Dark enough on white to be read by everyone (contrast 7:1).
    found.append(_cell_style("blank", align="end", text='fo:color="#595959"'))
    band = 'fo:background-color="#e8edf3" fo:border-bottom="0.75pt solid #33475b"'
    found += [
        _cell_style(name, wrap=True, align=align, text='fo:font-weight="bold"', cell=band)
        for name, align in (("heading", "start"), ("heading-figures", "end"))
    ]
    found += [
        f'<style:style {_NAMES} style:name="{_width_name(width)}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        for width in WIDTHS
    ]
    return found


def _cell_style(
    name: str, attributes: str = "", *, align: str, wrap: bool = False, text: str = "", cell: str = ""
) -> str:
    wrapped = ' fo:wrap-option="wrap"' if wrap else ""
    return (
        f'<style:style {_NAMES} style:name="{name}" style:family="table-cell" '
        f'style:parent-style-name="Default" {attributes}>'
        f'<style:table-cell-properties style:vertical-align="top" style:text-align-source="fix"{wrapped} {cell}/>'
        f'<style:paragraph-properties fo:text-align="{align}"/>'
        f"{f'<style:text-properties {text}/>' if text else ''}</style:style>"
    )


def width_style(characters: int) -> str:
    """The style of a column whose longest text has that many characters; longer ones are folded."""
    return _width_name(next((w for w in WIDTHS if w * PER_CM >= characters + 2), WIDTHS[-1]))


def _width_name(width: float) -> str:
    return f"width-{width}".replace(".", "-")


def settings(first: str, frozen: list[str]) -> bytes:
    """The settings of the document: it opens on the sheet `first`; the headings of `frozen` sheets stay in sight."""
    values = (
        ("HorizontalSplitMode", "short", 0),
        ("VerticalSplitMode", "short", 2),
        ("VerticalSplitPosition", "int", 1),
        ("ActiveSplitRange", "short", 2),
        ("PositionBottom", "int", 1),
    )
    items = "".join(
        f'<config:config-item config:name="{n}" config:type="{t}">{v}</config:config-item>' for n, t, v in values
    )
    entries = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(name)}>{items}</config:config-item-map-entry>"
        for name in frozen
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document-settings xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0"
 xmlns:ooo="http://openoffice.org/2004/office" xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 office:version="1.3"><office:settings><config:config-item-set config:name="ooo:view-settings">
<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>
<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>
<config:config-item-map-named config:name="Tables">{entries}</config:config-item-map-named>
<config:config-item config:name="ActiveTable" config:type="string">{escape(first)}</config:config-item>
</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings>
</office:document-settings>
""".encode()
