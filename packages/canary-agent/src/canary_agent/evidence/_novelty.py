r"""Is an error type that stable has never shown really new? Judged by how often stable shows rare types.

A system with many rare errors always has some that only one side has seen. A type with i occurrences in
all falls wholly to the canary with probability share^i. So, with N_i the number of types that stable
has shown exactly i times, about

    E(j) = sum over i >= j of N_i * share^i

types with j or more occurrences are to be expected on the canary alone, and K of them are no surprise
as long as P(Poisson(E(j)) >= K) is not small. For j = 1 and a small share this is Good and Turing's
estimate N_1 / n of the chance that the next occurrence is of an unseen type (Good, Biometrika 1953).

Worked example: a canary with 5 % of the work shows 2 types, once each, that stable has not; stable has 12
types that it has shown once. E(1) is 0.6, and two or more are seen with probability 0.12: no surprise,
though each alone has p = 0.05.

>>> round(novelty_p(1, [1, 1], {1: 12}, 0.05), 3)
0.122
"""

from collections.abc import Mapping, Sequence

from scipy.special import gammainc


def expected_new(times: int, stable_counts: Mapping[int, int], share: float) -> float:
    """How many types with `times` or more occurrences are to be expected on the canary alone.

    Args:
        times: occurrences, 1 or more.
        stable_counts: how many types stable has shown exactly i times, by i.
        share: the canary's part of the work, between 0 and 1.
    """
    return float(sum(types * share**i for i, types in stable_counts.items() if i >= times))


def novelty_p(
    times: int, new_counts: Sequence[int], stable_counts: Mapping[int, int], share: float
) -> float:
    """How surprising one new type with `times` occurrences is, 0 to 1.

    Args:
        times: occurrences of the type in question.
        new_counts: occurrences of every type that only the canary has shown, that one included.
        stable_counts: how many types stable has shown exactly i times, by i.
        share: the canary's part of the work, between 0 and 1.

    Returns:
        The larger of the rate test's p (share^times) and the chance of so many new types.
    """
    found = sum(1 for count in new_counts if count >= times)
    # P(Poisson(m) >= k) is the regularised incomplete gamma function P(k, m).
    chance = gammainc(max(1, found), expected_new(times, stable_counts, share))
    return max(float(share**times), float(chance))
