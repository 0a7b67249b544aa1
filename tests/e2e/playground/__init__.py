"""`make cluster`: the control plane of the tests, with the shop in it, for a person to play with."""
