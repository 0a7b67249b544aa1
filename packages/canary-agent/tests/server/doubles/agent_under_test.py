"""`canary-agent` with the analysis of the tests: agent_under_test.py GATES ARGUMENTS..."""

if __name__ == "__main__":
    import functools
    import importlib
    import os
    import sys
    from pathlib import Path

    from canary_agent import cli, folder

    analyse = importlib.import_module("gated_analysis").analyse
    analyser = functools.partial(analyse, Path(sys.argv[1]))
    setattr(folder, "folder_analyser", lambda *_, **_options: analyser)  # noqa: B010  # typed otherwise
    setattr(folder, "MODULES", ("gated_analysis",))  # noqa: B010
    if "AGENT_PATIENCE" in os.environ:
        from canary_agent.store import membership

        setattr(membership, "PATIENCE", float(os.environ["AGENT_PATIENCE"]))  # noqa: B010
    sys.exit(cli.main(sys.argv[2:]))
