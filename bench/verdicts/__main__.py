"""`python -m bench.verdicts COMMAND`: make cases of recorded logs, judge a set of cases, report."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ._cases import CaseError, case_folders
from ._judge import CASE_SECONDS, judge_cases
from ._markdown import markdown, replace_figures
from ._outcomes import judge_by_rules, read_outcomes
from ._pairs import choose_pairs
from ._picture import calibration_picture
from ._progress import progress_on_stderr
from ._recordings import PARTS, programs_of, read_rounds
from ._report import calibration_of, report_json
from ._write import write_cases

_BUILD = Path("build/verdicts")
_PAIRS = 400


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 2 where its input cannot be used."""
    options = _parse(arguments)
    try:
        return int(options.run(options))
    except (CaseError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _generate(options: argparse.Namespace) -> int:
    programs = [name for part in options.part for name in programs_of(part)]
    rounds = [one for program in programs for one in read_rounds(program)]
    pairs = choose_pairs(rounds, options.pairs, options.seed)
    write_cases(pairs, options.out, options.seed)
    healthy = sum(pair.healthy for pair in pairs)
    print(f"{options.out}: {len(pairs)} pairs of {len(programs)} programs, {healthy} healthy")
    return 0


def _judge(options: argparse.Namespace) -> int:
    folders = case_folders(options.cases)
    progress = progress_on_stderr("judged")
    judged = judge_cases(folders, options.processes, progress, options.case_seconds)
    document = {"cases": [one.to_json() for one in judged]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(document, indent=1) + "\n")
    errors = [one for one in judged if one.verdict == "error"]
    for one in errors[:10]:
        print(f"error: {one.name}: {one.error}", file=sys.stderr)
    print(f"{options.out}: {len(judged)} verdicts, {len(errors)} of them errors")
    return 0


def _report(options: argparse.Namespace) -> int:
    outcomes = read_outcomes(options.cases, options.verdicts)
    progress = progress_on_stderr("judged by simple rules")
    rules = judge_by_rules(options.cases, outcomes, options.processes, progress)
    if options.markdown:
        picture = options.markdown.with_name(f"{options.markdown.stem}-calibration.svg")
        picture.write_text(calibration_picture(calibration_of(outcomes)))
        text = markdown(outcomes, rules, options.title, picture.name)
        replace_figures(options.markdown, text)
    else:
        print(markdown(outcomes, rules, options.title))
    if options.json:
        options.json.write_text(json.dumps(report_json(outcomes, rules), indent=1) + "\n")
    return 0


def _bench(options: argparse.Namespace) -> int:
    """What `make bench-verdicts` runs: any set, or the project's own development set with a report."""
    own = options.cases is None
    if own:
        options.cases = _BUILD / "development"
        options.part, options.pairs, options.seed = ["development"], _PAIRS, 1
        options.out, out = options.cases, options.out
        _generate(options)
        options.out = out
    options.out = options.out or _BUILD / "verdicts.json"
    code = _judge(options)
    if own and code == 0:
        options.verdicts, options.title = options.out, "Development part"
        options.markdown, options.json = _BUILD / "report.md", _BUILD / "report.json"
        code = _report(options)
        print(f"{options.markdown}, {options.json}: the report")
    return code


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    generate = commands.add_parser("generate", help="make cases of the recorded logs")
    generate.add_argument("--part", choices=PARTS, action="append", help="default: development")
    generate.add_argument("--pairs", type=int, default=_PAIRS, help=f"at most (default: {_PAIRS})")
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--out", type=Path, default=_BUILD / "development", help="is replaced")
    generate.set_defaults(run=_generate)

    judge = commands.add_parser("judge", help="judge a set of cases")
    judge.add_argument("--cases", type=Path, required=True)
    judge.add_argument("--out", type=Path, required=True, metavar="FILE")
    judge.set_defaults(run=_judge)

    report = commands.add_parser("report", help="say what verdicts come to, beside simple rules")
    report.add_argument("--cases", type=Path, required=True)
    report.add_argument("--verdicts", type=Path, required=True, metavar="FILE")
    report.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="default: print it; what stands above its mark is kept",
    )
    report.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    report.add_argument("--title", default="Verdicts")
    report.set_defaults(run=_report)

    bench = commands.add_parser("bench", help="judge a set, or generate, judge and report our own")
    bench.add_argument("--cases", type=Path)
    bench.add_argument("--out", type=Path, metavar="FILE")
    bench.set_defaults(run=_bench)

    for command in (judge, report, bench):
        command.add_argument("--processes", type=_positive, default=os.cpu_count() or 1)
    for command in (judge, bench):
        command.add_argument("--case-seconds", type=float, default=CASE_SECONDS)
    options = parser.parse_args(arguments)
    if "part" in options and options.part is None:
        options.part = ["development"]
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"found {text}, expected 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
