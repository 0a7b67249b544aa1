"""The calibration as a picture: what verdicts claim, and how often they were right."""

from collections.abc import Iterator, Mapping, Sequence

from ._statistics import Bin

_SIZE, _LEFT, _TOP = 300, 50, 24
_TICKS = (0, 25, 50, 75, 100)
_COLOURS = {"promote": "#2a7f3f", "rollback": "#b3261e"}
_APART = 4  # so that bars of both verdicts do not hide each other


def calibration_picture(bins: Mapping[str, Sequence[Bin]]) -> str:
    """An SVG: a point a bin, at what it claims and what was seen, with Wilson's 95 % interval as a bar."""
    width, height = _LEFT + _SIZE + 20, _TOP + _SIZE + 50
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif" font-size="11">'
    )
    parts = [
        head,
        "<title>Calibration: how often verdicts of about the same confidence were right</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *_axes(),
    ]
    for number, (verdict, some) in enumerate(bins.items()):
        parts += _points(some, _COLOURS[verdict], _APART * number)
        at = _LEFT + 90 * number
        parts.append(f'<circle cx="{at + 4}" cy="10" r="4" fill="{_COLOURS[verdict]}"/>')
        parts.append(f'<text x="{at + 12}" y="14">{verdict}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axes() -> Iterator[str]:
    yield f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#888"/>'
    yield (
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(100)}" y2="{_y(100)}" stroke="#888"'
        ' stroke-dasharray="4 4"/>'
    )
    for tick in _TICKS:
        yield f'<text x="{_x(tick)}" y="{_y(0) + 16}" text-anchor="middle">{tick}</text>'
        yield f'<text x="{_LEFT - 6}" y="{_y(tick) + 4}" text-anchor="end">{tick}</text>'
    middle = _LEFT + _SIZE / 2
    yield f'<text x="{middle}" y="{_y(0) + 36}" text-anchor="middle">confidence, %</text>'
    yield (
        f'<text x="14" y="{_TOP + _SIZE / 2}" text-anchor="middle"'
        f' transform="rotate(-90 14 {_TOP + _SIZE / 2})">right, %</text>'
    )


def _points(bins: Sequence[Bin], colour: str, aside: int) -> Iterator[str]:
    for one in bins:
        x = _x(one.claimed) + aside
        low, high = _y(100 * one.right.low), _y(100 * one.right.high)
        yield f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{colour}"/>'
        yield f'<circle cx="{x:.1f}" cy="{_y(100 * one.right.value):.1f}" r="4" fill="{colour}"/>'


def _x(percent: float) -> float:
    return _LEFT + _SIZE * percent / 100


def _y(percent: float) -> float:
    return _TOP + _SIZE * (1 - percent / 100)
