"""`canary-agent` whose steps wait to be killed: halting_agent.py FOLDER ARGUMENTS...

While FOLDER/armed exists, an analysis halts at each step that its request's extraPrompt names, and
FOLDER/<run uid>.<step> says that it is there. Nothing else differs from the agent that is shipped.
"""

if __name__ == "__main__":
    import sys
    from pathlib import Path

    import halting_steps

    from canary_agent import cli

    halting_steps.install(Path(sys.argv[1]))
    sys.exit(cli.main(sys.argv[2:]))
