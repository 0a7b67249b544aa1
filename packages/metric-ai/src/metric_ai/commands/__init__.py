"""What may be typed: one module a subcommand, light enough for help and completion; the work is imported when one is called."""
