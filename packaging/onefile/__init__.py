"""Makes the plugin's one executable file: a static CPython with the plugin in a zip behind it.

`make build` runs `python -m onefile build`. The steps, each a module:

1. `_deps`: what the build machine must have (Debian or Ubuntu packages).
2. `_source`: CPython's Debian source package, pinned in `packaging/cpython.json`, fetched by apt.
3. `_interpreter`: configures and compiles it, with no shared library; kept in `_cache` by the hash of
   its inputs, since it takes 8 minutes and more.
4. `_entry`: links `main.c`, which has the executable itself as its only module search path.
5. `_closure`, `_modules`: which modules the plugin can reach; nothing else is packed.
6. `_archive`: compiles them to a zip with fixed times behind the executable, and seals the size.
7. `_notices`, `_sbom`: the notices of all that is linked in, and the bill of materials.

The same interpreter and the same sources give the same bytes.
"""
