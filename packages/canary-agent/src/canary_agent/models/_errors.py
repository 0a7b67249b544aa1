"""What is wrong with the settings of models."""


class ModelsError(ValueError):
    """A setting of models is wrong; the text names it and what to do, and never holds a key."""
