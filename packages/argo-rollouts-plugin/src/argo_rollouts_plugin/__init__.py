"""Write Argo Rollouts metric provider plugins in Python."""
