"""`metric-ai check`: what is wrong with AnalysisTemplates and ConfigMaps, with file and line."""
