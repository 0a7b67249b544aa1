"""The error that a provider raises on purpose."""


class ProviderError(Exception):
    """An error whose text is written for the user.

    Raised by a provider, its text becomes the message as it stands; the text of any other
    exception gets the exception's name in front, and its traceback is logged.
    """
