"""Lines among the custom properties of a .pptx, where programs for slides show and keep them.

They are found again without a ZIP or XML reader, which a stranger's file could make work for hours:
the one part is looked for by its name, and as much of it inflated as may be looked at.
"""

import zlib
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

ZIP = b"PK\3\4"
PART = "docProps/custom.xml"
HEADER = 30  # bytes of a member's header before its name
DEFLATED = 8
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_KIND = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">'
    "{properties}</Properties>"
)
# The identifier that all custom properties have; their numbers begin at 2: ECMA-376-1, 22.3.
_PROPERTY = (
    '<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="gdviz {n}">'
    "<vt:lpwstr>{line}</vt:lpwstr></property>"
)


def add_lines(deck: Any, lines: Sequence[str]) -> None:
    """Give a presentation of python-pptx a custom property for each line."""
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI

    properties = "".join(
        _PROPERTY.format(pid=n + 1, n=n, line=escape(line)) for n, line in enumerate(lines, 1)
    )
    package, xml = deck.part.package, _XML.format(properties=properties)
    part = Part(PackURI(f"/{PART}"), _KIND, package, xml.encode("ascii"))
    package.relate_to(part, f"{_OFFICE}/relationships/custom-properties")


def properties_in(data: bytes, most: int) -> bytes:
    """Return the first `most` bytes of the custom properties in a ZIP; nothing if it has none."""
    name = PART.encode()
    at = data.find(name)
    start = max(0, at - HEADER)
    head = data[start:at]
    if len(head) < HEADER or not head.startswith(ZIP):
        return b""
    method, long, more = (int.from_bytes(head[i : i + 2], "little") for i in (8, 26, 28))
    if long != len(name):
        return b""
    begin = at + long + more
    found = data[begin : begin + most]
    if method == DEFLATED:
        try:
            found = zlib.decompressobj(-zlib.MAX_WBITS).decompress(found, most)
        except zlib.error:
            return b""
    return found.replace(b"&quot;", b'"').replace(b"&amp;", b"&")
