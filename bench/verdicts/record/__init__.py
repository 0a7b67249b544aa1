"""Records what real programs write, healthy and broken; see README.md beside this file."""
