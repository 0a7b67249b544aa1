"""`canary-agent` with the analysis of the tests: agent_under_test.py GATES ARGUMENTS..."""

if __name__ == "__main__":
    import functools
    import sys
    from pathlib import Path

    import gated_analysis

    from canary_agent import cli, folder

    gates = Path(sys.argv[1])
    analyser = functools.partial(gated_analysis.analyse, gates)
    setattr(folder, "folder_analyser", lambda _logs: analyser)  # noqa: B010  # typed otherwise
    setattr(folder, "MODULES", ("gated_analysis",))  # noqa: B010
    sys.exit(cli.main(sys.argv[2:]))
