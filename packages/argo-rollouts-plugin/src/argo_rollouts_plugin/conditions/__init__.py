"""successCondition and failureCondition, with the meaning of Argo's `evaluate.EvaluateResult`.

The controller leaves these expressions to the provider (argo-rollouts v1.9.1,
utils/evaluate/evaluate.go, which is the oracle of this package's tests; the language is that of
expr v1.15.5). There are: literals (int, float, string, true, false, nil, arrays, maps),
`+ - * / % ** ^`, `== != < > <= >=`, `and or not && || !`, `in`, `not in`, `contains`,
`startsWith`, `endsWith`, `? :`, `??`, `a.b`, `a?.b`, `a[b]`, `any`, `all`, `len`, `default`,
`isNaN`, `isInf`, `isNil`, `asInt`, `asFloat`, and comments. Anything else is refused by its name.

Where this differs from Argo, it is an error here and never another answer: what is not in the list
above, a `not` that expr reads over (`1 + 1 not in a`), `asInt` of NaN or of a number beyond an int64,
`asFloat` of a string in hexadecimal or with `_`, and the bounds in `_limits`. The last bit of `**` may
be another one.
"""

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase

from ._checker import check
from ._errors import ConditionError
from ._evaluator import evaluate_node
from ._folding import fold
from ._kinds import go_name, static_type
from ._parser import parse

__all__ = ["ConditionError", "evaluate", "holds"]


def evaluate(result: object, success_condition: str, failure_condition: str) -> AnalysisPhase:
    """The phase that a metric's conditions give to a value.

    Args:
        result: what the conditions call `result`: None, bool, int, float, str, or lists and dicts
            of these.
        success_condition: an expression, or empty for none.
        failure_condition: an expression, or empty for none.

    Returns:
        Successful without any condition. With one of them, Successful or Failed as it says. With
        both, Failed where the failure condition holds, else Successful where the success condition
        holds, else Inconclusive.

    Raises:
        ConditionError: a condition cannot be read or evaluated, or gives no bool.
    """
    succeeded = _said(result, "successCondition", success_condition)
    failed = _said(result, "failureCondition", failure_condition)
    if not failure_condition:
        failed = bool(success_condition) and not succeeded
    elif not success_condition:
        succeeded = not failed
    if failed:
        return AnalysisPhase.FAILED
    if succeeded or not success_condition:
        return AnalysisPhase.SUCCESSFUL
    return AnalysisPhase.INCONCLUSIVE


def _said(result: object, name: str, condition: str) -> bool:
    try:
        return bool(condition) and holds(result, condition)
    except ConditionError as error:
        error.condition = name
        raise


def holds(result: object, condition: str) -> bool:
    """Whether one condition holds for a value (Go: `evaluate.EvalCondition`).

    Raises:
        ConditionError: the condition cannot be read or evaluated, or gives no bool.
    """
    node = parse(condition)
    check(node, static_type(result))
    value = evaluate_node(fold(node), result)
    if not isinstance(value, bool):
        raise ConditionError(f"expected bool, but got {go_name(value)}")
    return value
