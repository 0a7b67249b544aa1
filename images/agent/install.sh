#!/bin/sh
# Installs the agent into a folder of its own, from hash-locked requirements: the one step of its image.
# Usage: install.sh FOLDER   (PYTHON names another interpreter than python3)
set -eu
folder=$1
cd "$(dirname "$0")/../.."

umask 022
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
python=${PYTHON:-python3}

pip() { "$folder/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

"$python" -m venv "$folder"
pip install --no-compile --no-deps --require-hashes --only-binary :all: -r requirements/image.txt
# Built from a copy, since the sources may be read-only.
cp -R packages/canary-verdict packages/canary-agent "$wheels"
pip install --no-compile --no-index --no-deps --no-build-isolation "$wheels/canary-verdict" "$wheels/canary-agent"
"$folder/bin/python" -m compileall -q "$folder/lib"
"$folder/bin/python" images/agent/notices.py > "$folder/THIRD-PARTY-NOTICES.txt"
# What only the installation needed.
pip uninstall --yes flit-core setuptools 2> /dev/null
pip uninstall --yes pip
