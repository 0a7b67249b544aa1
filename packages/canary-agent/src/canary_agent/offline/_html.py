"""The scores as one HTML file that needs nothing else; what it shows of cases is escaped."""

from jinja2 import Environment

from ._evaluate import Scores, cells

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scores: {{ title }}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #d0d7de; padding: .3rem .6rem; text-align: left; }
tr.wrong { background: #fff1e5; } tr.unsafe { background: #ffebe9; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
</style>
</head>
<body>
<h1>Scores: {{ title }}</h1>
<dl>{% for name, value in summary.items() %}<dt>{{ name }}</dt><dd>{{ "-" if value is none else value }}</dd>{% endfor %}</dl>
<table>
<thead><tr>{% for name in head %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for case, row in rows %}<tr class="{{ 'unsafe' if case.unsafe else '' if case.right else 'wrong' }}">\
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}<td>{{ case.fault }}</td></tr>
{% endfor %}</tbody>
</table>
</body>
</html>
"""
_HEAD = (
    "case",
    "expected",
    "evidence alone",
    "verdict",
    "right",
    "tokens in/out",
    "cost",
    "seconds",
    "fault",
)


def page(scores: Scores, title: str) -> str:
    """The whole page."""
    template = Environment(autoescape=True).from_string(_PAGE)
    rows = [(case, cells(case)) for case in scores.cases]
    return template.render(title=title, summary=scores.summary, head=_HEAD, rows=rows)
