"""hashicorp/go-plugin's net/rpc protocol in pure Python: write Go plugins, and hosts of them, in Python."""
