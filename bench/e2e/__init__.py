"""The plugin under load in the real controller, beside another one: `make bench-e2e`.

etcd, kube-apiserver and rollouts-controller are the official programs, as in tests/e2e. Figures only: nothing here passes or
fails, but a run that did not end as it should is an error.
"""
