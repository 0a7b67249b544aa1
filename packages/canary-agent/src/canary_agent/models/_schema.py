"""The form of a vote, as models are told it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Opinion(BaseModel):
    """Your opinion on the canary."""

    model_config = ConfigDict(extra="ignore")

    verdict: Literal["promote", "rollback", "inconclusive"] = Field(
        description="promote: as good as stable; rollback: worse; inconclusive: in doubt"
    )
    confidence: float = Field(
        ge=0, le=100, allow_inf_nan=False, description="how sure you are, 0 to 100"
    )
    analysis: str = Field(description="what the evidence shows, in two to five sentences")
    rootCause: str = Field(  # noqa: N815 - the contract's name
        description="the most likely cause in one sentence; empty where nothing is wrong"
    )
    remediation: str = Field(description="what to do next; empty where nothing is wrong")
    cites: list[str] = Field(
        description='ids of the evidence that you rest on, such as ["e1", "e3"]; at least one'
    )
