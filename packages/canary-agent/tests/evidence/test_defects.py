"""Names of errors that only a mistake in the code makes, and those of the surroundings."""

import pytest

from canary_agent.evidence._defects import is_defect


@pytest.mark.parametrize(
    "text",
    [
        "ERROR request failed [java.lang.NullPointerException]",
        "ERROR x [java.lang.ArrayIndexOutOfBoundsException]",
        "fail: Shop.Cart[<*>] boom [System.NullReferenceException]",
        "request failed: ZeroDivisionError(<*>)",
        "Exception on /orders [POST] [KeyError]",
        "TypeError: Cannot read properties of undefined (reading <*>)",
        "<*> http: panic serving <*>: runtime error: integer divide by zero",
        "thread <*> panicked at src/main.rs:<*>",
        "[WARNING] Worker (pid:<*>) was sent SIGSEGV!",
        "ERROR:  column <*> of relation <*> does not exist at character <*>",
        "sqlite3.OperationalError: no such table: stock",
        "NoMethodError: undefined method <*> for nil",
    ],
)
def test_mistakes(text: str) -> None:
    assert is_defect(text)


@pytest.mark.parametrize(
    "text",
    [
        "request failed: ReadTimeout('')",
        "connect ECONNREFUSED <*>",
        "ERROR x [java.net.ConnectException]",
        "WARN order refused: unexpected token in JSON",
        "ERROR x [java.lang.NumberFormatException]",
        "no panic, all is well",
        "error: permission denied",
    ],
)
def test_troubles_of_the_surroundings(text: str) -> None:
    assert not is_defect(text)
