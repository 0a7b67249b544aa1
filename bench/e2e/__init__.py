"""The plugin under load in the real controller, beside another one: `make bench-e2e`.

etcd, kube-apiserver and rollouts-controller are the official programs, as in tests/e2e, and each plugin gets a fresh
controller with its defaults. Figures only: nothing here passes or fails, but a run that does not end as it should is an error.

What no plugin can change: the controller's client lets 40 calls a second through after the first 80 (--qps, --burst), and
each step of an analysis is a status patch. So many runs at once wait for each other, and agents can be asked only so often.
"""
