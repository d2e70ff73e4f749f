"""The matrix written down: as CSV for a spreadsheet and as HTML for a browser.

No cell begins like a formula, and the page holds no script, no style from elsewhere and no text
that is not escaped. Its table has a caption and a header for each row and column, so that it can
be heard as well as seen.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from html import escape
from typing import Final

from policies.examination.matrix import Matrix, Offer, Row
from policies.examination.words import field_name, kind_name

WITHHELD: Final = "withheld"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_STYLE: Final = """
body { font: 1rem/1.4 sans-serif; margin: 1rem; color: #0b0c0c; background: #fff; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: bold; padding: 0 0 .5rem; }
th, td { border: 1px solid #505a5f; padding: .3rem .5rem; text-align: left; vertical-align: top; }
thead th { background: #f3f2f1; }
td ul { margin: 0; padding: 0; list-style: none; }
"""


def cell_text(offers: Iterable[Offer]) -> str:
    """Say a cell in one line."""
    return " | ".join(_with_clause(one) for one in offers) or WITHHELD


def as_csv(matrix: Matrix) -> str:
    """Write the table as CSV (RFC 4180), safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [one.said() for one in matrix.columns]
    writer.writerow([harmless(text) for text in ("kind", "field", "class", *columns)])
    for row in matrix.rows:
        cells = [cell_text(offers) for offers in row.cells]
        texts = (row.kind, row.field, row.data_class, *cells)
        writer.writerow([harmless(text) for text in texts])
    return out.getvalue()


def harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_html(matrix: Matrix) -> str:
    """Write the table as one page that needs nothing else."""
    title = escape(f"Who sees which field: {matrix.title}")
    heads = "".join(f'<th scope="col">{escape(one.said())}</th>' for one in matrix.columns)
    rows = "\n".join(_html_row(row) for row in matrix.rows)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>What no cell names is withheld. Denials that no agreement can lift hold besides.</p>
<table>
<caption>Fields by record, and who may see them under which conditions</caption>
<thead><tr><th scope="col">Records</th><th scope="col">Field</th>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def _html_row(row: Row) -> str:
    cells = "".join(f"<td>{_html_cell(offers)}</td>" for offers in row.cells)
    name = escape(field_name(row.field))
    return f'<tr><td>{escape(kind_name(row.kind))}</td><th scope="row">{name}</th>{cells}</tr>'


def _html_cell(offers: tuple[Offer, ...]) -> str:
    if not offers:
        return WITHHELD
    items = "".join(f"<li>{escape(_with_clause(one))}</li>" for one in offers)
    return f"<ul>{items}</ul>"


def _with_clause(one: Offer) -> str:
    return f"{one.said()} ({one.agreement}, clause {one.clause})"
