"""successCondition and failureCondition, with the meaning of Argo's `evaluate.EvaluateResult`."""
